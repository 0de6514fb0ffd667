// The words of what holds the pages together - menu, settings, the first steps, who may do what - in Turkish.

import { localeOf } from '../preferences.ts';
import type { homeInEnglish } from './home.en.ts';

const number = new Intl.NumberFormat(localeOf('tr'));

export const homeInTurkish: typeof homeInEnglish = {
  menu: {
    open: 'Menü',
    title: 'Bütün sayfalar',
    close: 'Kapat',
  },

  settings: {
    title: 'Ayarlar',
    lead: 'Bir kez kurulan, seyrek bakılan her şey.',
    label: 'Ayarlar',
    pages: {
      health: { name: 'Durum', text: 'Her şey çalışıyor mu, sizi bekleyen ne var.' },
      connect: { name: 'WhatsApp', text: 'Gönderen hesaplar ve numaralar; yenisinin nasıl bağlandığı.' },
      webhooks: { name: 'Webhook’lar', text: 'Meta’nın yanıtları bildirdiği adres ve bildirimlerin gelip gelmediği.' },
      team: { name: 'Kişiler', text: 'Kimlerin girebildiği ve her birinin ne yapabildiği.' },
      keys: { name: 'API anahtarları', text: 'Programlarınızın oturum açmak yerine gösterdiği anahtarlar.' },
      audit: { name: 'Denetim', text: 'Burada kim neyi, ne zaman ve nereden yaptı.' },
      account: { name: 'Hesabım', text: 'Parola, kurtarma kodları ve oturum açtığınız yerler.' },
      'first-steps': { name: 'İlk adımlar', text: 'Sıfırdan gönderilmiş bir kampanyaya giden yol.' },
    },
  },

  webhooks: {
    title: 'Webhook’lar',
    lead: 'Biri yazınca, bir mesaj ulaşınca ya da bir şablon hakkında karar verilince Meta bu adresi çağırır.',
    copyInto: 'Bu adresi ve bu sözcüğü Meta’ya, uygulamanızın “Webhooks” bölümünde verin.',
    last: 'Son çağrı',
    never: 'Henüz hiçbir şey gelmedi',
    waiting: 'İşlenmeyi bekleyen',
    nothingWaits: 'Yok',
    kept: 'Toplam saklanan',
    all: 'Gelenleri gör',
  },

  openAccount: {
    title: 'Burada kimse oturum açmıyor',
    may: 'Bu makinede her şeyi yapabilirsiniz:',
    how: 'Kişilere kendi hesaplarını vermek için sunucuyu şöyle başlatın:',
    sandboxHow: 'Oturum açmayı deneme ortamıyla denemek için şöyle başlatın:',
  },

  first: {
    title: 'İlk kampanyanız',
    page: 'İlk adımlar',
    lead: 'Sıfırdan gönderilmiş bir kampanyaya ve raporuna.',
    done: (n, of) => `${of} adımdan ${n} tanesi tamam`,
    isDone: 'tamam',
    hide: 'Gizle',
    hideLabel: 'İlk adımları gizle',
    hidden: 'Ayarlar altında durmaya devam eder.',
    show: 'Başlangıç sayfasında yeniden göster',
    steps: {
      connect: 'WhatsApp’ı bağlayın',
      people: 'Kişileri getirin',
      template: 'Mesaj onaylatın',
      campaign: 'Gönderin',
      report: 'Sonucu görün',
    },
    texts: {
      connect: 'Mesajları numaranız gönderir. Bağlamak için Meta’dan bir erişim anahtarı gerekir.',
      people: 'Kendi dosyanızı aşağıya bırakın ya da uydurulmuş üç kişiyi alın.',
      template: 'Meta, çok kişiye gidecek her mesaja önceden bakar.',
      templateSandbox: 'Deneme ortamı Meta’nın yerine geçer: iyi bir mesaj sizin için yazılır, saniyeler içinde onaylanır.',
      pending: 'Meta mesajınıza bakıyor. Bu adım kendiliğinden ilerler.',
      campaign: 'Her şey dolduruldu. Bir kez daha bakıp gönderirsiniz.',
      going: 'Yolda. Kişilerin mesajı alıp okumasını izleyin.',
      report: 'Kim aldı, kim okudu, kim yanıtladı.',
    },
    acts: {
      connect: 'WhatsApp’ı bağla',
      sample: 'Örneği al',
      make: 'İyi bir mesaj hazırla',
      making: 'Hazırlanıyor …',
      write: 'Mesaj yaz',
      ownMessage: 'Kendim yazayım',
      seePending: 'Mesaja bak',
      send: 'Göndermeye geç',
      goOn: 'Devam et',
      watch: 'İzle',
      report: 'Raporu gör',
    },
    over: 'İlk kampanyanızı gönderdiniz.',
    overText: 'Buradaki her şey kendi kişileriniz ve kendi numaranızla da aynı şekilde çalışır.',
    overSandbox: 'Bu deneme ortamıydı: gerçek hiç kimseye bir şey gitmedi.',
    ownFile: 'Kendi listenizi getirin',
    ownNumber: 'Kendi numaranızı bağlayın',
    campaignName: 'İlk kampanyam',
  },

  next: {
    sendTo: (n) => (n === 1 ? 'Bu kişiye gönder' : `Bu ${number.format(n)} kişiye gönder`),
    sendTemplate: 'Bununla kampanya gönder',
    write: 'Onlar için mesaj yaz',
    make: 'Onlar için mesaj hazırla',
    inReviewText: 'Karar verilince bu sayfa kendiliğinden gösterir.',
  },

  rights: {
    who: (roles) => `Bunu yapabilenler: ${roles}.`,
    or: ' ya da ',
    lookOnly: 'Buna bakabilirsiniz, ama değiştiremezsiniz.',
  },
};
