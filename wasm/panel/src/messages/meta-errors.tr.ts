// Meta's errors of sending in Turkish, by code; those that a report can show. What is not here stands in the host's words.

import type { ErrorWords } from './campaigns.en.ts';

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
