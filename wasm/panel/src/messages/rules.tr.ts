// What each code means, in Turkish. English comes from the engine itself; a code added there does not compile here
// until it has its words.

import type { Code } from 'consentry';

export interface RuleWords {
  what: string;
  why: string;
  cure: string;
}

export const rulesInTurkish: { [code in Code]: RuleWords } = {
  'file-empty': {
    what: 'dosyanın içeriği yok',
    why: 'Boş dosya neredeyse her zaman başarısız bir dışa aktarımdır.',
    cure: 'Listeyi yeniden dışa aktarın ve yüklemeden önce boyutuna bakın.',
  },
  'header-missing': {
    what: 'ilk satır bir başlık değil',
    why: 'Sütun adları olmadan hangi hücrenin numara, hangisinin izin olduğu bilinemez.',
    cure: 'En başa bir başlık satırı koyun, örneğin `exid,email,msisdn,wpNumber,permission`.',
  },
  'column-missing': {
    what: 'gerekli bir sütun başlıkta yok',
    why: 'İzin kaydı için her satırda bir WhatsApp numarası ve bir izin gerekir.',
    cure: 'Sütunu ekleyin ya da hangi başlığın onun yerine geçtiğini belirtin.',
  },
  'column-duplicate': {
    what: 'iki başlık hücresi aynı sütunu gösteriyor',
    why: 'İkisinden biri göz ardı edilirdi ve hangisi olduğu anlaşılmazdı.',
    cure: 'Birini silin, yeniden adlandırın ya da eşleme ile birini seçin.',
  },
  'column-unknown': {
    what: 'bazı sütunlar kullanılmıyor',
    why: 'Ne kimlik ne izin; kimse de nitelik olduğunu bildirmedi.',
    cure: 'İstenen buysa yapılacak bir şey yok; değilse nitelik olarak bildirin ya da eşleyin.',
  },
  'encoding-assumed': {
    what: 'UTF-8 olmayan baytlar Windows-1254 olarak okundu',
    why: 'Türkçe Excel CSV dosyalarını böyle kaydeder; başka bir kod sayfası başka harfler verirdi.',
    cure: '“CSV UTF-8” olarak kaydedin ya da kodlamayı bildirin.',
  },
  'encoding-unreadable': {
    what: 'bu baytlar dosyanın kodlamasında metin değil',
    why: 'Okunamayan bir harfi tahmin etmek gerekirdi; hiçbir şey sessizce değiştirilmez.',
    cure: 'Dosyayı “CSV UTF-8” olarak kaydedin ya da kodlamasını bildirin.',
  },
  'quote-unclosed': {
    what: 'bir tırnak işareti hücreyi açıyor ve hiç kapanmıyor',
    why: 'Ardından gelen her şey tek hücre sayılır, satırlar kaybolurdu.',
    cure: 'Tırnağı kapatın; metne aitse iki kez yazın.',
  },
  'field-too-long': {
    what: 'bir hücre 4.096 bayttan uzun',
    why: 'Hiçbir kimlik bu kadar uzun olmaz; genellikle sütun kaymış ya da satır sonu eksiktir.',
    cure: 'Hücreyi kısaltın ya da satırı onarın.',
  },
  'row-too-long': {
    what: 'bir kayıt 65.536 bayttan uzun',
    why: 'Genellikle satır sonu olmayan bir dosya ya da çok geç kapanan bir tırnaktır.',
    cure: 'Bu yerin çevresindeki satır sonlarını onarın.',
  },
  'row-width': {
    what: 'kayıttaki hücre sayısı başlıktakiyle aynı değil',
    why: 'Kayan bir hücre bir kişinin iznini başkasına verebilir.',
    cure: 'Ayraç içeren hücreleri tırnağa alın ya da satırı tamamlayın.',
  },
  'number-missing': {
    what: 'WhatsApp numarası yok',
    why: 'İzin bir numaraya aittir.',
    cure: 'Numarayı ülke koduyla doldurun.',
  },
  'number-no-country-code': {
    what: 'ülke kodu eksik ya da böyle bir ülke kodu yok',
    why: 'Aynı rakamlar farklı ülkelerde farklı kişilerdir; `+` olmadan yalnızca geçerliyse kabul edilir.',
    cure: 'Numarayı `+`, ülke kodu, numara biçiminde yazın ya da varsayılan bir ülke bildirin.',
  },
  'number-too-short': {
    what: 'numara, ülkesi için çok az haneli',
    why: 'Haneler yolda kaybolmuş.',
    cure: 'Tam numarayı kaynağından alın.',
  },
  'number-too-long': {
    what: 'numara, ülkesi için çok fazla haneli',
    why: 'İki değer birleşmiş ya da bir hane iki kez yazılmış.',
    cure: 'Numarayı düzeltin.',
  },
  'number-invalid': {
    what: 'ülkesinde böyle bir numara yok',
    why: 'Uzunluğu ya da biçimi orada mümkün değil; ya da yalnızca tahsis edilmiş aralıklar kabul ediliyor.',
    cure: 'Numarayı düzeltin.',
  },
  'number-unassigned': {
    what: 'numara mümkün, ama bilindiği kadarıyla böyle bir aralık tahsis edilmemiş',
    why: 'Numara planları yazılımlardan hızlı aralık açar, bu yüzden kabul edildi.',
    cure: 'Numaralarınızın çoğu böyle görünüyorsa bir bakın.',
  },
  'number-not-digits': {
    what: 'hücrede tek bir telefon numarasından başka bir şey var',
    why: 'Harflere, maskelere, dahili hatlara ve tek hücredeki birden çok numaraya mesaj gönderilemez.',
    cure: 'Yalnız rakamlardan oluşan, ülke kodlu tek bir numara bırakın.',
  },
  'number-excel-damaged': {
    what: 'Excel haneleri üslü gösterime çevirmiş',
    why: 'Kaybolan haneler artık dosyada değil ve asla tahmin edilmez.',
    cure: 'Yazmadan ya da almadan önce sütunu metin olarak biçimlendirin ve yeniden dışa aktarın.',
  },
  'number-plus-missing': {
    what: 'numaranın başında + yok',
    why: 'Excel onu siler; haneler ülke koduyla geçerli olduğu için öyle okundu.',
    cure: 'Yapılacak bir şey yok; metin sütunu bir dahaki sefere + işaretini korur.',
  },
  'number-country-assumed': {
    what: 'numara, bildirilen ülke ile tamamlandı',
    why: 'Ulusal biçimde yazılmıştı.',
    cure: 'Ülke bu satır için doğruysa yapılacak bir şey yok.',
  },
  'number-legacy-form': {
    what: 'numara, numara planının terk ettiği bir biçimdeydi ve yeniden yazıldı',
    why: 'WhatsApp bazı Meksika ve Brezilya numaralarını hâlâ öyle bilir; ikisi de aynı kişidir.',
    cure: 'Yapılacak bir şey yok.',
  },
  'number-unwrapped': {
    what: 'numara bir bağlantıdan, formülden, sayı biçiminden ya da görünmez işaretlerden çıkarıldı',
    why: 'Telefonlar ve tablolar kopyalanan numaraları sarmalar.',
    cure: 'Yapılacak bir şey yok.',
  },
  'number-type-unlikely': {
    what: 'bu tür numaralarda WhatsApp neredeyse hiç olmaz',
    why: 'Çağrı cihazı, özel ücretli, uydu, sesli posta ve paylaşımlı ücretli numaralar nadiren bir kişiye aittir.',
    cure: 'Kişinin kendi numarası olduğundan emin olun.',
  },
  'permission-missing': {
    what: 'izin yok',
    why: 'Kayıtlı bir evet olmadan kimseye mesaj gönderilmez.',
    cure: 'İzin için 1, ret için 2 yazın.',
  },
  'permission-unknown': {
    what: 'izin, sözlükteki bir değer değil',
    why: 'Bilinmeyen hiçbir şey izin sayılmaz.',
    cure: '1 (izin) ya da 2 (ret) kullanın veya değerlerinizin anlamını bildirin.',
  },
  'permission-zero': {
    what: 'izin 0, ret olarak okundu',
    why: 'Bazı sistemler hayır için 0 yazar; şüphede kimseye mesaj gönderilmez.',
    cure: 'Ret için 2 yazın ya da 0’ın anlamını bildirin.',
  },
  'email-invalid': {
    what: 'e-posta adresi geçerli olamaz ve bu satırda kullanılmıyor',
    why: 'Yanlış bir kimlik yanlış kişiyle eşleşebilir.',
    cure: 'Düzeltin ya da hücreyi boş bırakın.',
  },
  'msisdn-invalid': {
    what: 'msisdn bir telefon numarası değil ve bu satırda kullanılmıyor',
    why: 'Yanlış bir kimlik yanlış kişiyle eşleşebilir.',
    cure: 'Düzeltin ya da hücreyi boş bırakın.',
  },
  'exid-too-long': {
    what: 'exid 256 bayttan uzun ve bu satırda kullanılmıyor',
    why: 'Bu uzunlukta bir kimlik genellikle kaymış sütundur; yanlış kimlik yanlış kişiyle eşleşebilir.',
    cure: 'Kimliği kısaltın ya da hücreyi boş bırakın.',
  },
  'number-repeated': {
    what: 'numara bu dosyanın önceki bir satırında da geçiyor',
    why: 'Sonraki satır belirler.',
    cure: 'Sonraki satır daha yeniyse yapılacak bir şey yok.',
  },
  'identifiers-conflict': {
    what: 'satırdaki kimlikler farklı profillere ait',
    why: 'exid, email, msisdn, wpNumber sırasındaki ilki belirler; ötekiler aynı kişi olabilir.',
    cure: 'Burada adı geçen profillere bakın.',
  },
  'identifier-differs': {
    what: 'eşleşen profil, satırdaki daha güçlü bir kimlik için başka bir değer taşıyor',
    why: 'İki kişi bu e-posta adresini ya da numarayı paylaşıyor olabilir: olası bir yanlış birleştirme.',
    cure: 'Satır ile profilin aynı kişi olup olmadığına bakın.',
  },
};
