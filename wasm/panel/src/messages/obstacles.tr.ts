// What keeps messages from people, in Turkish: Meta's errors that a report can show, and what is found before anything is
// sent. What is not here stands in the host's words.

import type { ErrorWords, ProblemWords } from './campaigns.en.ts';

const LATER = 'Kural olarak Meta’nın kendi sorunu: biraz sonra aynı istek başarılı olur.';
const VALUES = 'Değişkenlerin hangi özniteliklerden geldiğine bakın.';

export const metaErrorsInTurkish: { [code: number]: ErrorWords } = {
  0: { title: 'Meta belirteci kabul etmiyor', cure: 'Yeni bir belirteçle hesabı yeniden bağlayın.' },
  1: { title: 'Meta nedenini söylemeden başarısız oldu', cure: LATER },
  2: { title: 'Meta şu anda ulaşılamıyor', cure: LATER },
  190: { title: 'Meta belirteci kabul etmiyor', cure: 'Yeni bir belirteçle hesabı yeniden bağlayın.' },
  368: { title: 'hesap bir kuralı çiğnediği için engellendi', cure: 'Business Support Home’da nedenine bakın.' },
  130429: { title: 'numara izin verilenden hızlı gönderiyor', cure: 'Yapılacak bir şey yok: gönderim yavaşlar, sonra yeniden hızlanır.' },
  130472: { title: 'kişi Meta’nın bir denemesinde: pazarlama almıyor', cure: 'Yapılacak bir şey yok.' },
  131000: { title: 'Meta nedenini söylemeden başarısız oldu', cure: LATER },
  131008: { title: 'gerekli bir değer eksik', cure: VALUES },
  131009: { title: 'bir değer geçerli değil', cure: VALUES },
  131016: { title: 'Meta’nın bir hizmeti ulaşılamıyor', cure: LATER },
  131021: { title: 'gönderen ile alıcı aynı numara', cure: 'Yapılacak bir şey yok: numara kendine yazmaz.' },
  131026: { title: 'numaraya ulaşılamıyor', cure: 'Numarada WhatsApp olmayabilir ya da sürümü çok eski. Dosyanıza bakın.' },
  131031: { title: 'hesap kilitli', cure: 'Business Support Home’da nedenine bakın.' },
  131042: { title: 'ödemede bir sorun var', cure: 'Meta’nın Faturalandırma sayfasında ödeme yöntemini düzeltin.' },
  131047: { title: 'kişinin son sözünden bu yana bir gün geçti', cure: 'Şablonla yazın: o yeni bir konuşma başlatabilir.' },
  131048: { title: 'Meta bu numaranın mesajlarını istenmeyen sayıp tutuyor', cure: 'Numaranın ve şablonun kalitesine bakın; yalnızca bekleyenlere yazın.' },
  131049: { title: 'kişi şimdilik yeterince pazarlama aldı', cure: 'Yapılacak bir şey yok: bir gün geçmeden olmaz.' },
  131050: { title: 'kişi pazarlama mesajlarınızı istemiyor', cure: 'Yapılacak bir şey yok: ret kaydedilir.' },
  131053: { title: 'dosya alınamadı', cure: 'Dosyanın türüne ve boyutuna bakın.' },
  131056: { title: 'kısa sürede bir kişiye çok fazla mesaj', cure: 'Yapılacak bir şey yok: bu kişi bekler, ötekiler sürer.' },
  131057: { title: 'numara daha hızlı bir düzeye geçiriliyor', cure: 'Bir dakikada biter; gönderim kendiliğinden sürer.' },
  131064: { title: 'Meta yanlış kategorili bir şablon yüzünden hesabı sınırladı', cure: 'Şablonun kategorisini düzeltin ve sınırın kalkmasını bekleyin.' },
  132000: { title: 'değer sayısı değişken sayısına uymuyor', cure: 'Şablonları Meta’dan alın: bu şablon değişmiş.' },
  132001: { title: 'bu dilde böyle bir şablon yok ya da onaylanmamış', cure: 'Şablonları Meta’dan alın ve durumuna bakın.' },
  132005: { title: 'metin, değerleriyle birlikte çok uzun', cure: 'Şablonu ya da içine giren değerleri kısaltın.' },
  132007: { title: 'metin WhatsApp’ın bir kuralını çiğniyor', cure: 'Metni ya da değeri değiştirin.' },
  132008: { title: 'bir değer eksik ya da yanlış biçimde', cure: VALUES },
  132012: { title: 'bir değer yanlış biçimde', cure: VALUES },
  132015: { title: 'şablon kalitesi yüzünden duraklatıldı', cure: 'Kişiler engelliyor ya da bildiriyor. Değiştirin ya da beklemenin bitmesini bekleyin.' },
  132016: { title: 'şablon kalitesi yüzünden kapatıldı', cure: 'Öyle kalır. Başka bir şablon yazın.' },
  132018: { title: 'bir değerde olmaması gereken bir şey var', cure: 'Değerde satır sonu, sekme ve dörtten fazla ardışık boşluk olamaz.' },
  133010: { title: 'numara kayıtlı değil', cure: 'Hesabı yeniden bağlayıp altı haneli PIN ile kaydedin.' },
};

const NOTHING = 'Yapılacak bir şey yok.';

export const problemsInTurkish: { [code: string]: ProblemWords } = {
  'value-missing': {
    what: 'kişide bir değişkenin değeri yok, yerine geçecek bir şey de yok',
    cure: 'Değişkene bir varsayılan verin ya da özniteliği olmayanları dışarıda bırakın.',
  },
  'text-too-long': { what: 'kişinin değerleriyle metin fazla uzun', cure: 'Değerleri ya da şablonu kısaltın.' },
  'url-invalid': {
    what: 'adresin sonunda satır sonu ya da sekme var, ya da adres 2.000 karakterden uzun',
    cure: 'Özniteliği düzeltin: şablondaki adresin yalnızca devamıdır.',
  },
  'value-spacing': { what: 'bir değerde satır sonu, sekme ya da dörtten fazla ardışık boşluk var', cure: 'Değeri tek satır yazın.' },
  'value-too-long': { what: 'bir değer izin verilenden uzun', cure: 'Değeri kısaltın.' },
  'code-invalid': { what: 'kupon kodunda harf ve rakamdan başka bir şey var', cure: 'a–z harfleri ve rakam kullanın.' },
  'media-invalid': {
    what: 'başlığın dosyası ne bir yükleme kimliği ne de https adresi',
    cure: 'Dosyayı yükleyin ya da herkesin açabileceği bir adres verin.',
  },
  'value-shape': { what: 'bir değer oraya ait türden değil', cure: 'Değişkene gerekeni verin.' },
  'no-consent': { what: 'kişi izin vermemiş', cure: 'Kişiyi dışarıda bırakın ya da var olan izni içe aktarın.' },
  capped: {
    what: 'kişi son zamanlarda kampanyanın izin verdiği kadar mesaj almış',
    cure: 'Bekleyin ya da daha çok mesaja izin verin.',
  },
  'country-closed': {
    what: 'Amerika Birleşik Devletleri numaralarına pazarlama iletilmiyor',
    cure: 'Dışarıda bırakın; başka türden bir mesajsa başka kategoride bir şablon kullanın.',
  },
  'sender-itself': { what: 'numara, kampanyayı gönderen numaralardan biri', cure: 'Kendi numaralarınızı dışarıda bırakın.' },
  'number-type-unlikely': { what: 'bu tür numaralarda WhatsApp hemen hiç olmaz', cure: 'Numara doğruysa yapılacak bir şey yok.' },
  'media-expired': { what: 'Meta, başlığın dosyasını kampanya başlamadan unutmuş olur', cure: 'Dosyayı yeniden yükleyin.' },
  'media-expires': {
    what: 'Meta, başlığın dosyasını kampanya bitmeden unutur',
    cure: 'Dosyayı kampanya başlamadan hemen önce yeniden yükleyin ya da kampanyayı daha erken bitirin.',
  },
  'url-encoded': { what: 'adresin sonu yüzde imiyle kodlandı', cure: 'Sayfa o adreste bulunuyorsa yapılacak bir şey yok.' },
  'payload-too-long': { what: 'hızlı yanıtın geri gönderdiği 128 karakterden uzun', cure: 'Kısaltın.' },
  'not-in-time': {
    what: 'kampanya herkese ulaşılamadan bitiyor',
    cure: 'Daha geç bitirin, daha hızlı ya da daha çok numarayla veya daha az kişiye gönderin.',
  },
  quiet: { what: 'kampanya başladığında kişinin bulunduğu yerde sessiz saatler', cure: `${NOTHING} Mesaj saatler bitince gider.` },
  'value-unknown': { what: 'şablonda bu adda bir değişken yok', cure: 'Yazılışına bakın.' },
  'template-not-sendable': { what: 'şablon onaylı değil', cure: 'Meta’nın incelemesini bekleyin ya da başka bir şablon seçin.' },
  'template-unreadable': { what: 'şablon okunamıyor', cure: 'Hesabın şablonlarını Meta’dan yeniden alın.' },
  'ttl-elsewhere': {
    what: 'şablonda, kampanyanın istediği deneme süresi yok',
    cure: 'Süreyi şablonda belirleyin ya da kampanyada boş bırakın.',
  },
  'link-invalid': {
    what: 'düğmenin gideceği yer tam bir adres değil',
    cure: 'Özelliği düzeltin ya da varsayılan olarak http:// veya https:// ile başlayan bir adres verin.',
  },
  'link-uncounted': {
    what: 'buna yapılan dokunuşlar sayılmıyor',
    cure: `${NOTHING} Saymak için şablonu bu sunucunun adresi ve ardında /l/{{1}} olan bir düğmeyle onaylatın ya da adresi metnin bir değişkenine koyun.`,
  },
  'terms-invalid': { what: 'kampanyanın istediği yerine getirilemiyor', cure: 'Mesajların paylarına ve gönderen numaralara bakın.' },
};
