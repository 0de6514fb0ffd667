// What each code about templates means, in Turkish. English comes from the engine itself; a code added there does not
// compile here until it has its words. It has more lines than most files because it is one table.

import type { TemplateCode } from 'consentry';

import type { RuleWords } from './rules.tr.ts';

export const templateRulesInTurkish: { [code in TemplateCode]: RuleWords } = {
  'template-unreadable': {
    what: 'metin, okunabilen bir JSON belgesi değil',
    why: 'Eksik bir virgül ya da kıvrık bir tırnak, Meta’nın isteği reddetmesine yeter.',
    cure: 'Burada gösterilen yeri düzeltin.',
  },
  'template-shape': {
    what: 'şablonun bir parçası oraya ait türde değil',
    why: 'Meta isteği bütünüyle reddeder.',
    cure: 'Meta’nın listelediği bir şablonla karşılaştırın.',
  },
  'name-invalid': {
    what: 'ad küçük harf, rakam ve alt çizgiden oluşmuyor ya da 512 karakterden uzun',
    why: 'Şablon, adı ve diliyle bulunur; Meta başka bir şey kabul etmez.',
    cure: 'a-z küçük harfleri, rakam ve `_` kullanın.',
  },
  'name-taken': {
    what: 'bu adda ve bu dilde zaten bir şablon var',
    why: 'Ad ve dil bir hesapta tektir.',
    cure: 'Var olanı düzenleyin ya da başka bir ad seçin.',
  },
  'name-being-deleted': {
    what: 'bu adda ve bu dilde bir şablon siliniyor',
    why: 'Meta silinen bir şablonun adını yaklaşık dört hafta tutar.',
    cure: 'Başka bir ad seçin, örneğin sonuna bir sayı koyun.',
  },
  'language-unknown': {
    what: 'bu, şablonların yazılabileceği bir dil değil',
    why: 'Meta kendi dil listesini kabul eder; `tr` ya da `en_US` gibi yazılır.',
    cure: 'Listeden bir dil seçin.',
  },
  'language-doubtful': {
    what: 'bu dil Meta’nın kendi listesinde yok',
    why: 'Bazı istemciler yine de sunar; reddedilebilir.',
    cure: 'Ülkesi olmadan dili yeğleyin.',
  },
  'category-unknown': {
    what: 'kategori MARKETING, UTILITY ya da AUTHENTICATION değil',
    why: 'TRANSACTIONAL ya da OTP gibi eski kategoriler artık kabul edilmiyor.',
    cure: 'Sipariş sonrası beklenenler için UTILITY, kodlar için AUTHENTICATION, kalanı için MARKETING seçin.',
  },
  'format-unknown': {
    what: 'parametre biçimi ne POSITIONAL ne NAMED',
    why: 'Değişkenlerin numara mı ad mı olduğunu söyler.',
    cure: '{{1}} için POSITIONAL, {{first_name}} için NAMED yazın.',
  },
  'ttl-range': {
    what: 'iletinin bekleyebileceği süre, kategorisinin izin verdiği aralıkta değil',
    why: 'AUTHENTICATION 30-900, UTILITY 30-43.200, MARKETING 43.200-2.592.000 saniye alır; -1, 30 gündür ama MARKETING için olmaz.',
    cure: 'Aralıkta bir değer seçin ya da boş bırakın.',
  },
  'ttl-marketing': {
    what: 'pazarlama iletisinin bekleme süresi yalnız Marketing Messages API’de geçer',
    why: 'Cloud API onu dikkate almaz.',
    cure: 'Marketing Messages API ile gönderin ya da boş bırakın.',
  },
  'component-unknown': {
    what: 'bu tür bir parça ya da düğme burada bilinmiyor',
    why: 'Olduğu gibi saklanır, gösterilir, değerlendirilmez.',
    cure: 'Yazımına bakın; Meta yeni eklediyse hiçbir şey kaybolmaz.',
  },
  'component-repeated': {
    what: 'bu parça iki kez var',
    why: 'Bir şablonda bir başlık, bir metin, bir alt bilgi ve bir düğme listesi olur.',
    cure: 'Birini kaldırın.',
  },
  'component-not-allowed': {
    what: 'bu parça ya da düğme bu tür bir şablona ait değil',
    why: 'Her kategorinin ve her özel türün kendi parçaları vardır.',
    cure: 'Kaldırın ya da başka bir kategori seçin.',
  },
  'body-missing': {
    what: 'metin yok',
    why: 'Metin iletinin kendisidir; her şablonda gerekir.',
    cure: 'Bir metin ekleyin.',
  },
  'text-missing': {
    what: 'yazı gereken yer boş',
    why: 'Meta boş başlık, metin, alt bilgi ve etiketleri reddeder.',
    cure: 'Yazıyı yazın ya da parçayı kaldırın.',
  },
  'text-too-long': {
    what: 'yazı olabileceğinden uzun',
    why: 'Telefonlar ancak bu kadarını gösterir.',
    cure: 'Kısaltın.',
  },
  'header-variables': {
    what: 'başlıkta birden çok değişken var',
    why: 'Meta orada yalnız birine izin verir.',
    cure: 'Birini bırakın, ötekileri metne taşıyın.',
  },
  'header-plain': {
    what: 'başlıkta satır sonu, emoji, yıldız ya da başka bir biçim var',
    why: 'Başlıklar oldukları gibi, kalın yazılır.',
    cure: 'Düz bir satır yazın.',
  },
  'footer-plain': {
    what: 'alt bilgide değişken, satır sonu ya da emoji var',
    why: 'Alt bilgi herkes için aynı, düz bir satırdır.',
    cure: 'Metne taşıyın.',
  },
  'body-spacing': {
    what: 'metinde art arda ikiden çok satır sonu, dörtten çok boşluk ya da sekme var',
    why: 'Meta’nın kendi düzenleyicisi bunu reddeder.',
    cure: 'Paragraflar arasında bir boş satır bırakın.',
  },
  'body-emoji': {
    what: 'metinde pek çok emoji var',
    why: 'Meta sayılarının sınırlı olabileceğini söyler; düzenleyicisi 10’da, UTILITY’de 6’da durur.',
    cure: 'Birkaçını bırakın.',
  },
  'variable-malformed': {
    what: 'bir değişkenin ayraçları eşleşmiyor ya da aralarındaki bir değişken olamaz',
    why: 'İnsanlar ayraçları görürdü.',
    cure: '{{1}} ya da {{first_name}} yazın: her yanda iki ayraç, boşluksuz, # $ % olmadan.',
  },
  'variable-single-brace': {
    what: 'tek ayraç içindeki bir şey değişkene benziyor',
    why: 'Değişkeni yalnız iki ayraç yapar; insanlar bunu olduğu gibi görürdü.',
    cure: 'Değişken istiyorsanız her yana iki ayraç koyun.',
  },
  'variable-name': {
    what: 'değişkenin adı, harfle başlayan en çok 32 küçük harf, rakam ve alt çizgi değil',
    why: 'Meta başkasını reddeder.',
    cure: 'Adını değiştirin, örneğin `first_name`.',
  },
  'variable-sequence': {
    what: 'değişkenler 1, 2, 3 … diye aralıksız numaralanmamış',
    why: 'Meta parametreleri bu numaralarla sayar.',
    cure: 'Her parçada 1’den başlayarak yeniden numaralayın.',
  },
  'variables-mixed': {
    what: 'bir şablonda numaralı ve adlı değişkenler birlikte ya da parametre biçimine uymuyor',
    why: 'Şablon ya biriyle ya ötekiyle gönderilir.',
    cure: 'Birini seçin ve parametre biçimini ona ayarlayın.',
  },
  'variable-at-edge': {
    what: 'metin bir değişkenle başlıyor ya da bitiyor',
    why: 'Meta, insanlar ne okuduğunu bilsin diye çevresinde sabit sözler ister.',
    cure: 'Önüne ve ardına sözcükler koyun.',
  },
  'variable-at-edge-marks': {
    what: 'ilk ya da son değişkenin dışında yalnız noktalama ya da emoji var',
    why: 'Bazıları Meta’nın bunu reddettiğini bildirir; kendi sayfalarında böyle şablonlar da var.',
    cure: 'Önüne ve ardına sözcükler koyun.',
  },
  'variables-adjacent': {
    what: 'iki değişken arada hiçbir şey olmadan yan yana',
    why: 'Bir değerin nerede bittiği anlaşılmazdı.',
    cure: 'Aralarına sözcükler koyun ya da birleştirin.',
  },
  'variables-near': {
    what: 'iki değişkenin arasında yalnız boşluk var',
    why: 'İnceleyenler bunları yan yana sayabilir.',
    cure: 'Aralarına sözcükler koyun ya da birleştirin.',
  },
  'variable-ratio': {
    what: 'bu kadar az söz için çok fazla değişken var',
    why: 'Meta her şeyi söyleyebilecek şablonları reddeder: her değişken için yaklaşık üç, bir de fazladan söz gerekir.',
    cure: 'Sabit sözler ekleyin ya da değişken çıkarın.',
  },
  'variable-ratio-tight': {
    what: 'bu kadar değişken için sözcükler ancak yetiyor',
    why: 'Meta’nın yayımladığı hiçbir şablonda değişken başına dörtten az söz yok.',
    cure: 'Birkaç sabit söz ekleyin.',
  },
  'variable-line-start': {
    what: 'bir satır değişkenle başlıyor',
    why: 'Bazıları inceleyenlerin bunu reddettiğini bildirir.',
    cure: 'Önüne bir sözcük koyun.',
  },
  'example-missing': {
    what: 'bir değişkenin ya da medya başlığının örneği yok',
    why: 'İnceleyenler örnekleri okur; örneksiz şablonu Meta reddeder.',
    cure: 'Orada ne duracağına bir örnek verin.',
  },
  'example-unused': {
    what: 'değişkenlerden çok örnek var',
    why: 'Bir değişken unutulmuş olabilir.',
    cure: 'Örneği kaldırın ya da değişkeni ekleyin.',
  },
  'example-placeholder': {
    what: 'örneğin kendisi bir yer tutucu',
    why: 'İnceleyenler orada ne duracağını anlayamaz.',
    cure: 'Bir kişinin okuyacağı gibi bir değer yazın.',
  },
  'example-not-handle': {
    what: 'medya başlığının örneği bir yüklemenin tutamacı değil',
    why: 'Meta burada ne bağlantı ne medya kimliği kabul eder; tutamaç `4::` ile başlar.',
    cure: 'Dosyayı başlık örneği olarak yükleyin, gelen tutamacı kullanın.',
  },
  'button-count': {
    what: 'toplamda ya da bir türden izin verilenden çok düğme var',
    why: 'Toplam en çok 10; iki adres, bir telefon numarası, bir kod.',
    cure: 'Bazılarını kaldırın.',
  },
  'button-groups': {
    what: 'hızlı yanıtlar öteki düğmelerle karışık duruyor',
    why: 'Telefonlar hızlı yanıtları bir küme olarak gösterir.',
    cure: 'Bütün hızlı yanıtları bir araya, ötekilerin önüne ya da ardına koyun.',
  },
  'button-field': {
    what: 'bir düğmede çalışması için gereken eksik ya da fazlası var',
    why: 'Meta şablonu reddeder.',
    cure: 'Tamamlayın.',
  },
  'button-labels-repeat': {
    what: 'iki düğmenin etiketi aynı',
    why: 'İnsanlar da raporlar da onları ayıramaz.',
    cure: 'Her birine kendi etiketini verin.',
  },
  'button-label-plain': {
    what: 'etikette değişken, satır sonu, emoji ya da biçim var',
    why: 'Etiketler oldukları gibi gösterilir; Meta’nın düzenleyicisi çoğunu reddeder.',
    cure: 'Birkaç düz sözcük yazın.',
  },
  'url-invalid': {
    what: 'düğmenin adresi bir telefonun açabileceği bir adres değil',
    why: 'Sunucu adı olan tam bir adres olmalı.',
    cure: 'https://example.com/path gibi yazın.',
  },
  'url-variable': {
    what: 'adresin değişkeni en sondaki tek değişken değil',
    why: 'Meta bir taneye, o da yalnız en sonda izin verir.',
    cure: 'Sona taşıyın.',
  },
  'url-not-https': {
    what: 'adres https değil',
    why: 'Telefonlar uyarır, inceleyenler çoğunu reddeder.',
    cure: 'https ile başlayan bir adres kullanın.',
  },
  'url-shortener': {
    what: 'adres bir bağlantı kısaltıcının',
    why: 'İnsanlar nereye gittiğini göremez; Meta çoğunu reddeder.',
    cure: 'Tam adresi kullanın.',
  },
  'url-whatsapp': {
    what: 'adres WhatsApp’ın kendisine gidiyor',
    why: 'Meta’nın düzenleyicisi düğmelerde wa.me bağlantılarını reddeder.',
    cure: 'Hızlı yanıt ya da telefon düğmesi kullanın.',
  },
  'phone-invalid': {
    what: 'düğmedeki bir telefon numarası değil',
    why: 'Ülke koduyla en çok 20 rakam.',
    cure: '+905301112233 gibi yazın.',
  },
  'phone-leading-zero': {
    what: 'numarada ülke kodundan sonra 0 var',
    why: 'Meta onu kaldırır; bazı şebekelerde gerekir, çoğunda gerekmez.',
    cure: 'Arayarak numarayı deneyin.',
  },
  'code-too-long': {
    what: 'düğmenin kodu olabileceğinden uzun',
    why: '20 karakter, süreli kampanyada 15.',
    cure: 'Daha kısa bir kod kullanın.',
  },
  'code-long': {
    what: 'düğmenin kodu 15 karakterden uzun',
    why: 'Meta’nın sayfaları ayrışıyor: kimi 15, kimi 20 diyor.',
    cure: 'Daha kısa bir kod kullanın.',
  },
  'code-characters': {
    what: 'kodda harf ve rakamdan başka bir şey var',
    why: 'Gönderilirken reddedilirdi.',
    cure: 'Yalnız harf ve rakam kullanın.',
  },
  'otp-button': {
    what: 'doğrulama şablonunda tam bir düğme olur ve kodu o verir',
    why: 'Orada başka bir şeye izin yok.',
    cure: 'Bir OTP düğmesi ekleyin, ötekileri kaldırın.',
  },
  'otp-app': {
    what: 'kodu alan uygulama gerektiği gibi belirtilmemiş',
    why: 'Tek dokunuş ve kendiliğinden dolma 1-5 uygulama ister: iki ya da çok parçalı paket adı ve 11 karakterlik imza özeti.',
    cure: 'Android uygulamanızın paket adını ve imza özetini verin.',
  },
  'otp-terms': {
    what: 'kendiliğinden dolmanın koşulları kabul edilmemiş',
    why: 'Meta bunun şablonda kabul edilmesini ister.',
    cure: 'Kabul ediyorsanız zero_tap_terms_accepted değerini true yapın.',
  },
  'otp-expiry': {
    what: 'bir kod 1 ile 90 dakika arası geçerli olur',
    why: 'Alt bilgiyi bu sayıdan Meta yazar.',
    cure: '1 ile 90 arası bir sayı seçin.',
  },
  'auth-text': {
    what: 'doğrulama şablonunun kendi yazıları var',
    why: 'Metni ve alt bilgiyi her dilde Meta yazar.',
    cure: 'Yazıyı kaldırın; yalnız güvenlik satırını ve dakikaları seçin.',
  },
  'flow-reference': {
    what: 'flow düğmesi hiçbir flow belirtmiyor ya da birden çok yolla belirtiyor',
    why: 'flow_id, flow_name ve flow_json’dan tam biri gerekir.',
    cure: 'Birini bırakın.',
  },
  'carousel-cards': {
    what: 'kart sayısı 2 ile 10 arasında değil',
    why: 'Telefonlar başkasını çizmez.',
    cure: 'Kart ekleyin ya da çıkarın.',
  },
  'carousel-differs': {
    what: 'bir kart ilki gibi kurulmamış',
    why: 'Kartların hepsinin parçaları aynıdır: aynı başlık, hepsinde ya da hiçbirinde metin, aynı düğmeler.',
    cure: 'İlk kartın parçalarını verin.',
  },
  'carousel-card': {
    what: 'bir kartta eksik ya da oraya ait olmayan bir parça var',
    why: 'Kartta bir görsel, video ya da ürün, belki bir metin, bir ya da iki düğme olur.',
    cure: 'Kartı tamamlayın.',
  },
  'body-taken': {
    what: 'başka bir şablonun metni ve alt bilgisi aynı',
    why: 'Meta başka adla bir kopyayı reddeder.',
    cure: 'Var olanı kullanın ya da metni değiştirin.',
  },
  'utility-promotional': {
    what: 'bilgilendirme şablonunda reklam sözcükleri var',
    why: 'Meta onu MARKETING olarak, başka bir ücretle onaylar.',
    cure: 'Sözcükleri çıkarın ya da MARKETING seçin.',
  },
  'sensitive-asked': {
    what: 'metin kart numarası, kimlik numarası ya da parola istiyor gibi',
    why: 'Meta böyle veriler isteyen şablonları reddeder.',
    cure: 'Başka yerde isteyin ya da başka sözlerle söyleyin.',
  },
  'template-not-sendable': {
    what: 'şablon onaylı değil',
    why: 'Yalnız onaylı bir şablon gönderilebilir.',
    cure: 'Meta’nın incelemesini bekleyin ya da düzenleyin.',
  },
  'value-missing': {
    what: 'bir değişkenin değeri yok',
    why: 'Meta iletiyi reddeder.',
    cure: 'Bir değer ya da değeri olmayanlar için bir varsayılan verin.',
  },
  'value-unknown': {
    what: 'şablonda bu adda bir değişken yok',
    why: 'Değer hiç görülmezdi.',
    cure: 'Yazımına bakın: metin değişkenleri `1` ya da `first_name`, ötekiler `header.1`, `button.0`, `card.0.1`.',
  },
  'value-spacing': {
    what: 'bir değerde satır sonu, sekme ya da art arda dörtten çok boşluk var',
    why: 'Meta iletiyi reddeder.',
    cure: 'Değeri tek satırda yazın.',
  },
  'value-too-long': {
    what: 'değerleriyle birlikte yazı olabileceğinden uzun',
    why: 'Meta iletiyi reddeder.',
    cure: 'Değeri ya da şablonu kısaltın.',
  },
  'value-encoded': {
    what: 'adresin sonu yüzde kodlamasıyla yazıldı',
    why: 'Meta 2026’dan beri orada başka karakter kabul etmiyor.',
    cure: 'Sayfa o adreste bulunuyorsa yapılacak bir şey yok.',
  },
  'code-invalid': {
    what: 'kod 1-20 harf ve rakam değil ya da 15 karakterden uzun bir parola',
    why: 'Meta iletiyi reddeder.',
    cure: 'Harf ve rakamdan oluşan daha kısa bir kod kullanın.',
  },
  'media-invalid': {
    what: 'başlık bir medya kimliği ya da https bağlantısı ister',
    why: 'Meta bağlantıyı kendisi alır ya da dosyayı yüklemede verilen kimlikle bulur.',
    cure: 'Dosyayı yükleyin ya da herkesin açabileceği bir bağlantı verin.',
  },
  'value-shape': {
    what: 'bir değer oraya ait türde değil',
    why: 'Yer enlem ve boylam, ürün kimlikleri, kampanya bitiş zamanını ister.',
    cure: 'Burada adı geçen parçaları verin.',
  },
  'payload-too-long': {
    what: 'hızlı yanıtın geri gönderdiği 128 karakterden uzun',
    why: 'Meta iletiyi reddedebilir.',
    cure: 'Kısaltın.',
  },
};
