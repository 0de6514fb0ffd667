// The words about how everything stands, in Turkish.

import type { healthInEnglish } from './health.en.ts';

export const healthInTurkish: typeof healthInEnglish = {
  health: {
    title: 'Durum',
    lead: 'Her şey çalışıyor mu, çalışmıyorsa ne yapmalı.',
    good: 'Her şey yolunda',
    goodText: 'Sizi bekleyen bir şey yok.',
    look: (n) => `Bakılacak ${n} şey var`,
    act: (n) => `Hemen ilgilenilecek ${n} şey var`,
    states: { good: 'İyi', look: 'Bakın', act: 'Müdahale edin' },
    seen: 'Bakıldı:',
    toPlace: 'Oraya git',
    inbox: 'Kişilerin ve Meta’nın bildirdikleri',
    last: 'Son webhook',
    never: 'Henüz bir şey gelmedi',
    ofNumber: 'numara:',
    consentWaits: 'Bekleyen ret ve onaylar',
    restWaits: 'Bekleyen diğer olaylar',
    none: 'Yok',
    since: 'en eskisi:',
    edge: 'Edge worker',
    edgeGood: 'yanıt veriyor',
    edgeBad: 'yanıt vermiyor',
    accounts: 'WhatsApp hesapları',
    quality: 'Kalite',
    qualities: { GREEN: 'Yüksek', YELLOW: 'Orta', RED: 'Düşük', UNKNOWN: 'Henüz puanlanmadı' },
    status: 'Bağlantı',
    limit: '24 saatte yeni kişi',
    used: (used, most) => `${used} / ${most}`,
    unlimited: 'Sınır yok',
    throughput: 'Hız',
    paces: { STANDARD: 'Standart', HIGH: 'Yüksek' },
    name: 'Kişilerin gördüğü ad',
    names: {
      APPROVED: 'onaylandı',
      AVAILABLE_WITHOUT_REVIEW: 'onaylandı',
      PENDING_REVIEW: 'inceleniyor',
      DECLINED: 'reddedildi',
      EXPIRED: 'süresi doldu',
    },
    webhooks: 'Webhook’lar',
    webhooksOn: 'Açık',
    webhooksOff: 'Kapalı',
    token: 'Erişim anahtarı',
    tokenEnds: 'bitiş:',
    tokenLasts: 'Bilinen bir bitişi yok',
    asked: 'Meta’ya soruldu:',
    sandbox: 'Deneme ortamı',
    unknown: 'Bilinmiyor',
    work: 'Sürenler',
    imports: 'Bekleyen veya süren aktarımlar',
    noCampaigns: 'Süren kampanya yok.',
    campaignStates: { scheduled: 'Zamanlandı', running: 'Gönderiliyor', paused: 'Duraklatıldı' },
    perSecond: (n) => `saniyede en çok ${n}`,
    store: 'Saklandığı yer',
    people: 'Kişiler',
    size: 'Kapladığı yer',
    free: 'Diskte boş',
    backup: 'Son yedek',
    noBackup: 'Henüz yok',
    ownBackup: 'Veritabanının kendi araçlarıyla',
    mayNotTitle: 'Bu sayfa rolünüze açık değil',
    mayNot: 'Bir sorun yok. Rolünüz bu sayfayı açmıyor.',
    mayNotBack: 'Ayarlara dön',
    findings: {
      'opt-outs-wait': {
        what: 'Kişilerin kendi sözleri işlenmeyi bekliyor',
        cure: 'Sözü bekleyen kimseye yazılmaz. Sunucuyu işleten kişi günlüğüne baksın; yeniden başlatmak yeniden denetir.',
      },
      'edge-away': {
        what: 'Edge worker okunamıyor',
        cure: 'O zamana kadar kampanyalar bekler. Adresi ve gizli anahtarı doğru mu, bakın.',
      },
      'webhook-off': {
        what: 'Meta bu hesapta olanları bildirmiyor',
        cure: 'Hesabı yeniden bağlayın: böylece webhook’larına abone olunur.',
      },
      'token-ended': {
        what: 'Hesabın erişim anahtarının süresi doldu',
        cure: 'Meta Business ayarlarında yenisini oluşturun ve hesabı onunla bağlayın.',
      },
      'account-trouble': {
        what: 'Hesabın ilgiye ihtiyacı var',
        cure: 'Yeniden bağlayın; her adım neyin eksik olduğunu söyler.',
      },
      'account-blocked': {
        what: 'Meta hesabın hiçbir şey göndermesine izin vermiyor',
        cure: 'Nedenini ve nasıl kalkacağını Meta’nın WhatsApp Yöneticisi söyler.',
      },
      'number-blocked': {
        what: 'Numara gönderemiyor',
        cure: 'Kaydedin ya da engelin ne olduğuna Meta’nın WhatsApp Yöneticisi’nde bakın.',
      },
      'quality-low': {
        what: 'Bu numara sık sık engelleniyor veya şikâyet ediliyor',
        cure: 'Daha az ve son zamanda yanıt veren ya da onay verenlere gönderin. Yoksa Meta sınırı düşürür.',
      },
      'limit-used': {
        what: 'Meta’nın günlük yeni kişi sınırı doldu',
        cure: 'Gün bitince kampanyalar kendiliğinden sürer. İyi kalite sınırı yükseltir.',
      },
      'campaign-stopped': {
        what: 'Bir kampanya durduruldu, bir kişi tarafından değil',
        cure: 'Nedenine sayfasında bakın, giderin ve sürdürün.',
      },
      'campaign-stuck': {
        what: 'Bir kampanya sürüyor ama gönderemiyor',
        cure: 'Neyi beklediği sayfasında yazar.',
      },
      'disk-full': {
        what: 'Disk neredeyse dolu',
        cure: 'Yer açın: dolunca hiçbir şey alınamaz.',
      },
      'edge-behind': {
        what: 'Edge worker arada gelenleri hâlâ aktarıyor',
        cure: 'Hepsi gelince kampanyalar başlar.',
      },
      'events-wait': {
        what: 'Meta’nın bildirdikleri işlenmeyi bekliyor',
        cure: 'Sunucuyu işleten kişi günlüğüne baksın.',
      },
      'webhook-silent': {
        what: 'Meta henüz bir şey bildirmedi',
        cure: 'Uygulama panelinde adresi ve doğrulama sözcüğünü girin ve deneme gönderin.',
      },
      'token-ends': {
        what: 'Hesabın erişim anahtarı yakında bitiyor',
        cure: 'Sistem kullanıcısının anahtarı süresiz olabilir; hesabı öyle bir anahtarla bağlayın.',
      },
      'pull-failed': {
        what: 'Şablonlar, kalite ve sınırlar alınamadı',
        cure: 'Gösterilenler eski olabilir. Yeniden alın ya da erişim anahtarına bakın.',
      },
      'account-limited': {
        what: 'Meta hesabın gönderimini sınırlıyor',
        cure: 'Nedenini Meta’nın WhatsApp Yöneticisi söyler.',
      },
      'quality-medium': {
        what: 'Bu numaranın kalitesi düştü',
        cure: 'Sonraki gönderiminizde kaç kişinin vazgeçtiğine bakın.',
      },
      'name-waits': {
        what: 'Meta numaranın adını onaylamadı',
        cure: 'O zamana kadar kişiler yalnızca numarayı görür.',
      },
      'limit-near': {
        what: 'Meta’nın günlük yeni kişi sınırının çoğu doldu',
        cure: 'Kalanı süren kampanyalara gider; gerisi kendiliğinden sürer.',
      },
      'import-slow': {
        what: 'Bir aktarım uzun süredir sürüyor',
        cure: 'Ne kadar ilerlediği aktarımlar listesinde yazar.',
      },
      'disk-low': {
        what: 'Disk doluyor',
        cure: 'Sunucuyu işleten kişi dolmadan yer açsın.',
      },
      'backup-old': {
        what: 'Son yedi güne ait yedek yok',
        cure: 'Sunucuyu işleten kişi “consentry store backup” ile alır; sunucu bu sırada çalışabilir.',
      },
    },
  },
};
