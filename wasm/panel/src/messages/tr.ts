// Every word of the panel in Turkish.
// All these lines are together because a word is looked for in one place; large pages have files of their own.

import { localeOf } from '../preferences.ts';
import type { Messages } from './en.ts';
import { accessInTurkish } from './access.tr.ts';
import { healthInTurkish } from './health.tr.ts';
import { campaignsInTurkish } from './campaigns.tr.ts';
import { eventsInTurkish } from './events.tr.ts';
import { homeInTurkish } from './home.tr.ts';
import { templatesInTurkish } from './templates.tr.ts';
import { tableInTurkish } from './table.tr.ts';
import { personInTurkish } from './person.tr.ts';
import { undoInTurkish } from './undo.tr.ts';

// Turkish nouns stay singular after a number, so there is one form only.
const number = new Intl.NumberFormat(localeOf('tr'));
const count = (n: number, noun: string) => `${number.format(n)} ${noun}`;

export const tr: Messages = {
  name: 'Türkçe',
  skip: 'İçeriğe geç',
  nav: { label: 'Sayfalar', import: 'İçe aktar', history: 'Geçmiş', profiles: 'Profiller', templates: 'Şablonlar', connect: 'WhatsApp’ı bağla' },
  switchLanguage: 'Dil',
  toDark: 'Koyu temayı kullan',
  toLight: 'Açık temayı kullan',
  copy: 'Kopyala',
  copied: 'Kopyalandı',
  retry: 'Yeniden dene',
  loading: 'Sunucuya soruluyor …',
  found: 'Ayrıntı',
  nowhere: {
    title: 'Burada bir sayfa yok',
    text: 'Adres yanlış yazılmış ya da sayfa taşınmış olabilir.',
    cure: 'Başlangıç sayfasına git',
  },

  start: {
    title: 'İzin listenizi getirin',
    lead: 'WhatsApp’tan kime yazabileceğinizi ve kalanlarda neyin yanlış olduğunu saniyeler içinde görün. Dosyanız bu bilgisayarda denetlenir; siz istemeden hiçbir şey gönderilmez.',
    drop: 'CSV ya da Excel dosyanızı buraya bırakın',
    or: 'ya da',
    choose: 'Dosya seçin',
    release: 'Denetlemek için bırakın',
    size: 'Her boyutta. Virgül, noktalı virgül ya da sekme. UTF-8 ya da Excel’in kendi kodlaması. Çalışma kitabının ilk sayfası.',
    trySample: 'Örnekle deneyin',
    getSample: 'Örneği indirin',
    shape: 'Dosya nasıl görünür',
    shapeText: 'Her satırda bir kişi. İki sütun zorunludur, ötekiler kişileri tanımaya yarar.',
    required: 'zorunlu',
    optional: 'isteğe bağlı',
    columns: {
      wpNumber: 'ülke koduyla WhatsApp numarası',
      permission: '1 = izin var, 2 = izin yok',
      exid: 'kişiye verdiğiniz kimlik',
      email: 'e-posta adresi',
      msisdn: 'ülke koduyla telefon numarası',
      attribute: 'profille birlikte saklanır',
    },
    steps: [
      { title: 'Burada denetlenir', text: 'Her satır tarayıcınızda, sunucunun kullandığı motorla değerlendirilir.' },
      { title: 'Açıklanır', text: 'Her bulgu nerede olduğunu, neden önemli olduğunu ve ne yapılacağını söyler.' },
      { title: 'Kanıt olarak saklanır', text: 'Her izin değişikliği dosyasını, satırını ve nedenini hep taşır.' },
    ],
  },

  check: {
    title: 'Dosyanız denetleniyor',
    read: (done, total) => `${total} içinden ${done} okundu`,
    rows: (n) => `şimdiye dek ${count(n, 'satır')}`,
    cancel: 'Vazgeç',
    again: 'Yeniden denetleniyor …',
    announce: (name) => `${name} denetleniyor`,
    firstFindings: 'İlk bulgular',
  },

  verdict: {
    documentTitle: 'Sonuç',
    all: (n) =>
      n === 1 ? 'Tek satırınız içe aktarılmaya hazır' : `${number.format(n)} satırın tümü içe aktarılmaya hazır`,
    some: (n, of) => `${number.format(of)} satırdan ${number.format(n)} tanesi içe aktarılmaya hazır`,
    none: (n) => (n === 0 ? 'Bu dosyada satır yok' : 'Hiçbir satır bu haliyle içe aktarılamaz'),
    refused: 'Bu dosya henüz kullanılamaz',
    refusedText:
      'Kaybolan bir şey yok: dosyayı düzeltin ya da sütunların anlamını ve nasıl okunacağını burada belirtin.',
    stillHere: 'Dosya bilgisayarınızdan çıkmadı',
    other: 'Başka dosya',
    rows: 'Satır',
    accepted: 'Kabul edilen',
    rejected: 'Reddedilen',
    warned: 'Uyarılı',
    optIn: 'İzin var',
    optOut: 'İzin yok',
    picture: 'Sonuca göre satırlar',
    repeated: (n) => `${count(n, 'satır')} bu dosyada daha önce geçen bir numarayı yineliyor; sonraki satır belirler.`,
    repeatsIncomplete: 'Akılda tutulabilenden çok farklı numara vardı; bazı yinelemeler görülmedi.',
    import: (n) => `${count(n, 'satırı')} içe aktar`,
    leftOut: (n) => `Reddedilen ${count(n, 'satır')} dışarıda kalır.`,
    nothingLeftOut: 'Her satır içeri girer.',
    judgedAgain: 'Sunucu dosyayı yeniden değerlendirir ve karşılaştırır.',
    download: (n) => `Reddedilen ${count(n, 'satırı')} indir`,
    downloadText: 'Her biri kodu ve nedeniyle; düzeltip buraya yeniden bırakabilirsiniz.',
    downloadName: (name) => `${name}-reddedilen.csv`,
    announce: (rows, accepted, rejected, warned) =>
      `Denetlendi: ${count(rows, 'satır')}, ${number.format(accepted)} kabul, ${number.format(rejected)} ret, ${number.format(warned)} uyarılı. Hiçbir şey gönderilmedi.`,
  },

  findings: {
    title: 'Bulgular',
    none: 'Bildirilecek bir şey yok: her satır temiz.',
    error: 'hata',
    warning: 'uyarı',
    why: 'Neden önemli',
    cure: 'Ne yapmalı',
    places: 'Nerede',
    row: 'Kayıt',
    line: 'Satır',
    column: 'Sütun',
    foundThere: 'Bulunan',
    fix: 'Yazın',
    note: 'Not',
    empty: 'boş',
    more: (n) => `${number.format(n)} tane daha göster`,
    omitted: (n) => `${number.format(n)} tane daha; sayıldı ama listelenmedi.`,
  },

  columns: {
    title: 'Sütunlar',
    ignored: 'kullanılmıyor',
    attribute: 'nitelik',
    use: (header) => `“${header}” sütununun kullanımı`,
    unnamed: '(adsız)',
    more: (n) => `${count(n, 'sütun')} daha göster`,
  },

  regions: {
    title: 'Ülkelere göre kişiler',
    text: 'Kabul edilen satırlar, numaranın ülkesine göre.',
    world: 'Uluslararası numaralar',
    unknown: (code) => `Bilinmeyen (${code})`,
    others: (n) => count(n, 'başka ülke'),
  },

  options: {
    title: 'Başka türlü oku',
    text: 'Her değişiklik hemen yeniden değerlendirilir.',
    auto: 'Kendisi bulsun',
    country: 'Ülke kodu olmayan numaraların ülkesi',
    noCountry: 'Yok: reddedilirler',
    permission: 'İzin sütunundaki değerler',
    permissions: {
      published: '1 evet, 2 hayır',
      zero: '1 evet, 0 hayır',
      words: 'yes, no',
      turkish: 'evet, hayır',
      own: 'Başka değerler …',
    },
    ownPermission: 'Değerleriniz',
    ownPermissionHint: 'Her değeri in, out ya da reject ile yazın: A=in,P=out',
    delimiter: 'Ayraç',
    encoding: 'Kodlama',
    encodings: {
      'utf-8': 'Unicode (UTF-8)',
      'windows-1254': 'Türkçe (Windows-1254)',
      'windows-1252': 'Batı Avrupa (Windows-1252)',
      'windows-1250': 'Orta Avrupa (Windows-1250)',
      'windows-1251': 'Kiril (Windows-1251)',
      'windows-1256': 'Arapça (Windows-1256)',
    },
    unassigned: 'Henüz tahsis edilmemiş aralıkların numaralarını reddet',
    asOf: 'İzinlerin toplandığı gün',
    asOfHint: 'Kişinin kendi ret bildirimini ancak ondan sonra toplanmış bir izin kaldırabilir.',
  },

  delimiters: { ',': 'virgül', ';': 'noktalı virgül', '\t': 'sekme', '|': 'dikey çizgi' },
  columnCount: (n) => count(n, 'sütun'),

  sending: {
    title: 'Dosyanız gönderiliyor',
    sent: (done, total) => `${total} içinden ${done} gönderildi`,
    waiting: 'Tümü gönderildi. Sunucu teslim alıyor …',
    stop: 'Göndermeyi durdur',
  },

  known: {
    title: 'Bu dosya zaten içe aktarılmış',
    text: (name, when) =>
      `${name} içe aktarıldı (${when}) ve o zamandan beri başka bir şey aktarılmadı. Yapılacak bir şey yok.`,
    open: 'O aktarımı göster',
    other: 'Başka dosya içe aktar',
  },

  result: {
    documentTitle: (id) => `Aktarım ${id}`,
    accepted: 'Dosyanız sunucuda',
    checking: 'Sunucu dosyayı değerlendiriyor',
    applying: 'Satırlar yazılıyor',
    phaseChecking: (done, total) => `${total} içinden ${done} değerlendirildi`,
    phaseApplying: (done, total) => `${total} satırdan ${done} tanesi yazıldı`,
    waiting: 'Sunucuyla bağlantı kesildi. Aktarım orada sürüyor; bu sayfa kendiliğinden yeniden izlemeye başlar.',
    leave: 'Bu sayfadan ayrılabilirsiniz; aktarım sürer.',
    committed: (created, updated, rejected) =>
      created > 0 && updated > 0
        ? `${count(created, 'profil')} oluşturuldu, ${number.format(updated)} güncellendi`
        : created > 0
          ? `${count(created, 'profil')} oluşturuldu`
          : updated > 0
            ? `${count(updated, 'profil')} güncellendi`
            : rejected > 0
              ? `Hiçbir şey değişmedi, ${count(rejected, 'satır')} reddedildi`
              : 'Değiştirilmesi gereken bir şey yoktu',
    dryRun: 'Deneme: hiçbir şey yazılmadı',
    refused: 'Sunucu bu dosyayı reddetti',
    refusedText: 'Dosya bütünüyle kullanılamıyor, bu yüzden hiçbir satırı yazılmadı. Nedeni aşağıda.',
    failed: 'Aktarım başarısız oldu',
    failedText: 'Daha önce yazılanlar kalır. Aynı dosyayı yeniden aktarmak güvenle kaldığı yerden sürer.',
    already: 'Bu dosya zaten içe aktarılmıştı',
    created: 'Oluşturulan',
    updated: 'Güncellenen',
    unchanged: 'Değişmeyen',
    kept: 'Ret korundu',
    rejected: 'Reddedilen',
    movedNumbers: 'Taşınan numara',
    picture: 'Satırların akıbeti',
    moved: (n) => `${count(n, 'numara')} bir profilden başka bir profile geçti.`,
    keptText: (n) =>
      `${count(n, 'kişi')} bizzat ret bildirmiş; bu, dosyadan üstündür. Daha sonraki bir toplama günü bunu kaldırabilir.`,
    conflicts: (n) => `${count(n, 'satır')} birden çok bilinen profili gösteriyor. Bulgulara bakın.`,
    differs: (n) => `${count(n, 'satır')} daha güçlü bir kimlikte profilinden ayrılıyor: belki iki ayrı kişi.`,
    optIns: (n) => count(n, 'izin'),
    optOuts: (n) => count(n, 'ret'),
    seeProfiles: 'Profilleri göster',
    another: 'Başka dosya içe aktar',
    evidence: 'Kanıt',
    same: 'Sayfanızdakiyle aynı sonuç',
    different: 'Sayfanızdaki sonuç değil',
    differentText:
      'Tarayıcı başka bir özet göndermiş. Geçerli olan, burada gösterilen sunucu sonucudur. Nedeni çoğunlukla motorun başka bir sürümüdür.',
    digest: 'Sonucun özeti',
    engine: 'Motor',
    engineVersion: (version, metadata) => `${version}, numara planları ${metadata}`,
    file: 'Dosyanın SHA-256 özeti',
    received: 'Alındı',
    asOf: 'Toplandı',
    override: 'Retleri kaldırma gerekçesi',
  },

  ...accessInTurkish,
  ...healthInTurkish,
  ...undoInTurkish,
  ...personInTurkish,
  ...tableInTurkish,

  history: {
    find: 'Dosya ya da içe aktarma',
    everyState: 'her durum',
    groups: { running: 'sürenler', committed: 'içe aktarılanlar', undone: 'geri alınanlar', failed: 'başarısız ya da reddedilenler' },
    noneLikeThis: 'Böyle bir içe aktarma yok.',
    kept: (n) => `${number.format(n)} ret korundu`,
    title: 'Geçmiş',
    lead: 'Gelen her dosya, en yenisi başta.',
    empty: 'Henüz hiçbir şey içe aktarılmadı',
    emptyText: 'İlk aktarımınız, sonucuyla birlikte burada duracak.',
    toImport: 'Dosya içe aktar',
    file: 'Dosya',
    when: 'Ne zaman',
    state: 'Durum',
    rows: 'Satır',
    outcome: 'Sonuç',
    unnamed: 'adsız dosya',
    changes: (created, updated, rejected) =>
      `${number.format(created)} oluşturuldu, ${number.format(updated)} güncellendi, ${number.format(rejected)} reddedildi`,
    unchanged: (rows) => `${number.format(rows)} aynı kaldı`,
    undone: (reversed, removed, kept) =>
      `${number.format(reversed)} eskisi gibi, ${number.format(removed)} silindi, ${number.format(kept)} olduğu gibi kaldı`,
  },

  states: {
    accepted: 'bekliyor',
    checking: 'değerlendiriliyor',
    applying: 'yazılıyor',
    committed: 'aktarıldı',
    refused: 'reddedildi',
    failed: 'başarısız',
    undone: 'geri alındı',
    dry_run: 'deneme',
    already_imported: 'zaten aktarılmış',
  },

  profiles: {
    title: 'Profiller',
    total: (n) => count(n, 'kişi'),
    search: 'Kişi bulun',
    searchHint: 'Herhangi bir yazımla numara, e-posta, ExID ya da profil',
    go: 'Bul',
    all: 'Herkesi göster',
    hits: (n, q) => (n === 0 ? `“${q}” ile eşleşen kimse yok` : `“${q}” ile ${count(n, 'kişi')} eşleşiyor`),
    noHit:
      'Arama; numaranın, e-posta adresinin, ExID’nin ya da profilin tamamıyla eşleşir. Eksik hane ya da harf olup olmadığına bakın.',
    empty: 'Burada henüz kimse yok',
    emptyText: 'Bir izin dosyası içe aktarıldığında profiller görünür.',
    toImport: 'Dosya içe aktar',
    number: 'WhatsApp numarası',
    exid: 'ExID',
    email: 'E-posta',
    msisdn: 'Telefon',
    permission: 'İzin',
    changed: 'Değişti',
    noNumber: 'numara yok',
    next: 'Sonraki sayfa',
    first: 'İlk sayfa',
    paging: 'Tablonun sayfaları',
    export: 'Dışa aktar',
    exportCsv: 'CSV',
    exportExcel: 'Excel için CSV',
    exportJsonl: 'JSON satırları',
  },

  permission: { opt_in: 'İzin var', opt_out: 'İzin yok', none: 'Kayıt yok' },

  timeline: {
    documentTitle: (of) => `${of} izni`,
    back: 'Profiller',
    mayMessage: 'WhatsApp’tan yazılabilir',
    mayNot: 'WhatsApp’tan yazılamaz',
    noConsent: 'Kayıtlı bir izin yok',
    history: 'Bu noktaya nasıl gelindi',
    now: 'bugün geçerli',
    earlier: 'Daha eskilerini göster',
    nothing: 'Burada kayıtlı bir izin olayı yok',
    nothingText: 'Bu numara ya da profil bilinmiyor. Başka türlü yazılmış olabilir; profiller arasında arayın.',
    optedIn: 'İzin verdi',
    optedOut: 'Reddetti',
    numberChanged: 'Numara değişti',
    numberLost: 'Numara başka bir profile geçti',
    stayedOut: 'Ret korundu',
    lifted: 'Yeniden izin verdi',
    recorded: 'Kaydedildi',
    undone: 'Eski haline döndü',
    removed: 'Profil silindi',
    rules: {
      'matched-exid': 'ExID ile tanındı; dosyadaki izin geçerli.',
      'matched-email': 'E-posta adresiyle tanındı; dosyadaki izin geçerli.',
      'matched-msisdn': 'Telefon numarasıyla tanındı; dosyadaki izin geçerli.',
      'matched-number': 'WhatsApp numarasıyla tanındı; dosyadaki izin geçerli.',
      'new-profile': 'Bu kimliklerle kimse bilinmiyordu; yeni profil.',
      'number-moved-away': 'Sonraki bir satır numarayı başka bir profile verdi; bir numara tek profilindir.',
      'kept-opt-out': 'Kişinin kendi ret bildirimi dosyadan üstündür.',
      'lifted-opt-out': 'Kişinin kendi ret bildiriminden daha yeni ya da kayıtlı bir gerekçeyle kaldırıldı.',
      'own-opt-out': 'Kişi ret bildirdi.',
      'own-opt-in': 'Kişi reddini geri aldı ya da mesaj almak istediğini söyledi.',
      erased: 'Kişi silindi. Kendisi mesaj isteyene kadar izni iptal edilmiş sayılır.',
      undone: 'Bunu değiştiren aktarım geri alındı.',
      'profile-undone': 'Bu profili oluşturan aktarım geri alındı.',
    },
    file: 'Dosya',
    row: (row, line) => `kayıt ${row}, satır ${line}`,
    numberCell: 'Yazıldığı haliyle numara',
    permissionCell: 'Yazıldığı haliyle izin',
    numbers: 'Numara',
    lostTo: 'Yeni profil',
    takenFrom: 'Numaranın önceki profili',
    liftedOptOut: 'Kaldırdığı, kişinin kendi reddi',
    undoneImport: 'Geri alınan aktarım',
    backTo: 'Döndüğü hal',
    collected: 'Toplandı',
    heard: 'Bildiren',
    erasedBy: 'Silen ve nedeni',
    hash: 'Kanıt günlüğündeki özet',
    fileHash: 'Dosyanın SHA-256 özeti',
    profile: 'Profil',
  },

  ...templatesInTurkish,
  ...eventsInTurkish,
  ...homeInTurkish,
  ...campaignsInTurkish,

  trouble: {
    away: {
      title: 'Sunucu yanıt vermiyor',
      cause: 'Durdurulmuş ya da bağlantı kesilmiş olabilir.',
      cure: '“consentry serve” ile başlatın ya da ağınıza bakın, sonra yeniden deneyin. Gördüğünüz hiçbir şey kaybolmaz.',
    },
    missing: {
      title: 'Böyle bir şey yok',
      cause: 'Sunucu bu adreste bir şey bilmiyor.',
      cure: 'Adrese bakın ya da geçmişte veya profiller arasında arayın.',
    },
    refused: {
      title: 'Sunucu isteği reddetti',
      cause: 'Söylediği aşağıda duruyor.',
      cure: 'Onu düzeltip yeniden deneyin.',
    },
    broken: {
      title: 'Sunucuda bir hata oluştu',
      cause: 'Sorun onun tarafında; dosyanızda bir kusur yok.',
      cure: 'Yeniden deneyin. Her seferinde oluyorsa günlüğü daha fazlasını söyler.',
    },
    'under-way': {
      title: 'Başka bir aktarım sürüyor',
      cause: 'Neyin geri alınabileceği ancak o bitince belli olur. Hiçbir şey değişmedi.',
      cure: 'Bitmesini bekleyip yeniden deneyin.',
    },
    'not-undoable': {
      title: 'Bu aktarım artık geri alınamaz',
      cause: 'Biri onu zaten geri almış ya da hiç tamamlanmamış.',
      cure: 'Burayı kapatın; sayfa son durumu gösterir.',
    },
    unreadable: {
      title: 'Dosya artık okunamıyor',
      cause: 'Seçtikten sonra değiştirilmiş, taşınmış ya da silinmiş; ya da bir klasör.',
      cure: 'Yeniden seçin.',
    },
    option: {
      title: 'Dosya bu şekilde okunamaz',
      cause: '“Başka türlü oku” altındaki değerlerden biri kullanılamıyor.',
      cure: 'Orada düzeltin; dosya hemen yeniden denetlenir.',
    },
    engine: {
      title: 'Denetim bu tarayıcıda çalışamadı',
      cause: 'Motor yüklenmedi ya da durdu.',
      cure: 'Sayfayı yeniden yükleyin. Güncel bir Chrome, Edge, Firefox ya da Safari gerekir.',
    },
    'several-files': {
      title: 'Lütfen her seferinde tek dosya',
      cause: 'Birden çok dosya bırakıldı; kimin izinli olduğunu sıraları belirlerdi.',
      cure: 'Önce en eskisini bırakıp içe aktarın, sonra ötekini.',
    },
    overtaken: {
      title: 'Bu arada başkası değiştirmiş',
      cause: 'Yazdığınız daha eski bir sürümden başlamıştı. Sizinkinden hiçbir şey kaybolmadı.',
      cure: 'Kaydedilene bakın ya da sizinkini üstüne kaydedin.',
    },
    'template-rejected': {
      title: 'Meta bunu reddederdi',
      cause: 'Sunucu Meta’ya sormadan önce bir kez daha değerlendirdi.',
      cure: 'Alanların yanında yazanı düzeltip yeniden gönderin.',
    },
    'meta-refused': {
      title: 'Meta reddetti',
      cause: 'Meta’nın söylediği aşağıda.',
      cure: 'Onu düzeltip yeniden deneyin.',
    },
    'meta-not-asked': {
      title: 'Meta’ya sorulamadı',
      cause: 'Sunucu şu an Meta’ya ulaşamıyor. Hiçbir şey değişmedi.',
      cure: 'Sunucunun bağlantısına bakıp yeniden deneyin.',
    },
    'meta-unknown': {
      title: 'Meta’nın yanıtı kayboldu',
      cause: 'İstek gitti, yapılıp yapılmadığı bilinmiyor.',
      cure: 'Son durumu Meta’dan alın: o zaman bilinir.',
    },
    'not-now': {
      title: 'Bu şimdi yapılamaz',
      cause: 'Meta buna yalnız belirli durumlarda izin verir.',
      cure: 'Nedeni aşağıda.',
    },
    'app-unknown': {
      title: 'Bu hesabın uygulaması bilinmiyor',
      cause: 'Örnekler bir uygulama altında yüklenir.',
      cure: 'Hesabı uygulamasının kimliğiyle yeniden bağlayın.',
    },
    'not-signed-in': {
      title: 'Oturumunuz kapandı',
      cause: 'Bir süre kullanılmayan oturum kapanır; başka yerden çıkış yapmak da kapatır.',
      cure: 'Yeniden giriş yapın.',
    },
    'not-allowed': {
      title: 'Bunu yapamazsınız',
      cause: 'Rolleriniz bunu kapsamıyor.',
      cure: 'Buradaki kişileri yöneten biri değiştirebilir.',
    },
    'not-right': {
      title: 'Olmadı',
      cause: 'Adres, parola ya da kod doğru değil.',
      cure: 'Yeniden yazın; bir kod bir kez ve 30 saniye geçerlidir.',
    },
    'too-many-attempts': {
      title: 'Çok fazla deneme',
      cause: 'Art arda başarısız oldular.',
      cure: 'Biraz bekleyip yeniden deneyin.',
    },
    'link-used': {
      title: 'Bu bağlantı artık çalışmıyor',
      cause: 'Bağlantılar bir kez ve bir gün boyunca çalışır.',
      cure: 'Yenisini isteyin.',
    },
    'not-invited': {
      title: 'Henüz kimse sizi davet etmedi',
      cause: 'Sağlayıcınız sizi tanıyor ama burada kimse size yer açmadı.',
      cure: 'Buradaki kişileri yöneten birinden adresinizi davet etmesini isteyin.',
    },
    'provider-not-usable': {
      title: 'Sağlayıcı üzerinden giriş yapılamadı',
      cause: 'Sağlayıcı yanıt vermedi ya da inanılamayacak bir şey söyledi.',
      cure: 'Yeniden deneyin; düzelmezse bulunanı bu sunucuyu işleten kişiye iletin.',
    },
    'account-unusable': {
      title: 'Bu hesap henüz bağlanamıyor',
      cause: 'Adımlardan biri çalışmıyor.',
      cure: 'Neyin yardımcı olacağı adımın yanında.',
    },
    'secrets-locked': {
      title: 'Sunucu gizli bilgilerini açamıyor',
      cause: 'Saklandıkları anahtar yok ya da başka.',
      cure: 'Bunu yalnız sunucuyu çalıştıran düzeltebilir; nasıl olduğu aşağıda.',
    },
    'file-too-large': {
      title: 'Bu dosya çok büyük',
      cause: 'Meta en çok 5 MB görsel, 16 MB video, 100 MB belge alır.',
      cure: 'Daha küçüğünü seçin.',
    },
  },
};
