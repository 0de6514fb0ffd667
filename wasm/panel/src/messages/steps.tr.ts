// What was seen at each step of connecting, in Turkish.

import type { StepCode, StepValues, StepWords } from '../api/templates.ts';

const SECRET = 'developers.facebook.com adresinde uygulamanızın Ayarlar, Temel sayfasından kopyalayın.';
const NEW_TOKEN = 'Meta Business ayarlarında, Sistem kullanıcıları bölümünde yenisini oluşturun.';

export const stepsInTurkish: { [code in StepCode]: (v: StepValues) => StepWords } = {
  'waits-before': () => ({ said: 'öncekilerden sonra' }),
  'waits-account': () => ({ said: 'hesaptan sonra' }),
  'waits-token': () => ({ said: 'anahtardan sonra' }),
  'meta-not-asked': ({ why }) => ({
    said: `Meta’ya sorulamadı: ${why}`,
    cure: 'Bu bilgisayarın Meta’ya ulaşıp ulaşmadığına bakın: arada bir güvenlik duvarı ya da vekil sunucu olabilir.',
  }),
  'meta-refused': ({ why }) => ({ said: `Meta geri çevirdi: ${why}` }),
  'meta-unclear': ({ why }) => ({ said: `Meta’nın ne yaptığı bilinmiyor: ${why}`, cure: 'Biraz sonra yeniden deneyin.' }),
  'token-missing': () => ({
    said: 'anahtar yok',
    cure: 'Meta Business ayarlarında, Sistem kullanıcıları bölümünde bir anahtar oluşturun.',
  }),
  'token-untold': ({ why }) => ({
    said: `Meta anahtarın ne işe yaradığını söylemiyor: ${why}`,
    cure: 'Uygulama kimliğini ve gizli anahtarını da yazın: o zaman söyler.',
  }),
  'token-over': () => ({ said: 'anahtar artık geçerli değil', cure: NEW_TOKEN }),
  'token-lacks-rights': ({ rights }) => ({
    said: `anahtarın eksik hakları var: ${rights}`,
    cure: 'İki hakla yeniden oluşturun ve sistem kullanıcısına WhatsApp hesabını atayın.',
  }),
  'token-ends': ({ at }) => ({
    said: `anahtar geçerli, süresi şu anda bitiyor: ${at}`,
    cure: 'Sistem kullanıcısının anahtarı süresiz de oluşturulabilir.',
  }),
  'token-good': () => ({ said: 'anahtar geçerli, süresi bitmiyor' }),
  'app-secret-wrong': () => ({ said: 'gizli anahtar, anahtarın uygulamasına ait değil', cure: SECRET }),
  'app-another': ({ own, named }) => ({
    said: `anahtar ${named} ile değil, ${own} uygulamasıyla oluşturulmuş`,
    cure: 'O uygulamayı yazın ya da bununla bir anahtar oluşturun.',
  }),
  'app-secret-missing': () => ({
    said: 'gizli anahtar olmadan istekler kanıt taşımaz, webhook’lara da güvenilemez',
    cure: SECRET,
  }),
  'app-untold': () => ({
    said: 'Meta bunun hangi uygulama olduğunu söylemiyor',
    cure: 'Uygulama kimliğini yazın: başlık örnekleri onunla yüklenir.',
  }),
  'app-good': ({ name }) => ({ said: `anahtar ${name} uygulamasına ait, gizli anahtar da onun` }),
  'account-untold': () => ({
    said: 'Meta anahtarın hangi hesap için olduğunu söylemiyor',
    cure: 'Hesap kimliğini yazın: WhatsApp Yöneticisi gösterir, adresinde de yazar.',
  }),
  'account-to-choose': () => ({ said: 'anahtar birkaç hesap için geçerli', cure: 'Birini seçin.' }),
  'account-blocked': ({ name, why }) => ({
    said: `${name} şu anda gönderemiyor: ${why}`,
    cure: 'Meta’nın ne istediğini WhatsApp Yöneticisi gösterir.',
  }),
  'account-good': ({ name }) => ({ said: `${name} bu anahtarla yönetilebiliyor` }),
  'number-another': ({ id }) => ({
    said: `hesapta ${id} kimlikli bir numara yok`,
    cure: 'Hesabın numaralarından birini seçin: kimlikleri WhatsApp Yöneticisi’nde yazar.',
  }),
  'number-none': () => ({
    said: 'hesabın henüz numarası yok',
    cure: 'WhatsApp Yöneticisi’nde ekleyin; bu arada şablon yazılabilir.',
  }),
  'number-unready': ({ number, status }) => ({
    said: `${number} henüz gönderemiyor: ${status}`,
    cure: 'Altı rakamlı bir PIN yazın: bağlarken numara onunla kaydedilir.',
  }),
  'number-good': ({ number, name, count }) => ({
    said: number === undefined ? `${count} numara gönderebiliyor` : `${number}, ${name} adıyla gönderebiliyor`,
  }),
  'webhook-good': () => ({ said: 'Meta olanı biteni uygulamaya bildiriyor' }),
  'webhook-waits': () => ({
    said: 'Meta olanı biteni uygulamaya henüz bildirmiyor',
    cure: 'Bağlarken istenir. Adresi ve doğrulama sözcüğü uygulamanın panosuna girilir.',
  }),
};
