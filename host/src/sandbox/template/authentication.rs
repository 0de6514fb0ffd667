//! Authentication templates, whose words are Meta's own: several languages at once, previews, and how they are listed.

use serde_json::{Value, json};

use super::super::answer::{Refusal, Reply};
use super::super::ask::Ask;
use super::super::review;
use super::super::state::{State, texts};
use super::create;

/// Languages that one call may name.
const LANGUAGES_MAX: usize = 150;

/// Body, security recommendation, footer around the minutes, and the labels of both buttons.
type Wording = [&'static str; 6];

/// `POST /{waba}/upsert_message_templates`: creates or changes a template in many languages.
pub(crate) fn upsert(state: &mut State, ask: &Ask, waba: &str) -> Reply {
    let languages = ask.body.get("languages").map(texts).unwrap_or_default();
    if languages.is_empty() || languages.len() > LANGUAGES_MAX {
        return Err(Refusal::parameter("The parameter languages is required."));
    }
    if !ask.required("category")?.eq_ignore_ascii_case("authentication") {
        return Err(Refusal::parameter("Param category must be one of {AUTHENTICATION}"));
    }
    let mut body = ask.body.clone();
    body.remove("languages");
    // All are looked at before the first is written.
    for language in &languages {
        body.insert("language".to_owned(), json!(language));
        review::refusal(&Value::Object(body.clone()))?;
    }
    let mut data = Vec::new();
    for language in &languages {
        let mut new = create::drafted(state, &body, waba, language)?;
        let known = state
            .templates
            .values()
            .find(|known| known.is(waba, &new.name) && known.language == *language)
            .map(|known| (known.id, known.category.clone(), known.revision));
        match known {
            Some((_, category, _)) if category != "AUTHENTICATION" => create::check_identity(state, &new)?,
            Some((id, _, revision)) => (new.id, new.revision) = (id, revision + 1),
            None => create::check_identity(state, &new)?,
        }
        // Words that are Meta's own need no review.
        "APPROVED".clone_into(&mut new.status);
        data.push(json!({"id": new.id.to_string(), "status": new.status, "language": language}));
        state.templates.insert(new.id, new);
    }
    Ok(json!({"data": data}))
}

/// `GET /{waba}/message_template_previews`
pub(crate) fn previews(ask: &Ask) -> Reply {
    if !ask.required("category")?.eq_ignore_ascii_case("authentication") {
        return Err(Refusal::parameter("Param category must be one of {AUTHENTICATION}"));
    }
    let named = ask.text("languages").or_else(|| ask.text("language")).unwrap_or_else(|| "en_US".to_owned());
    let security = ask.text("add_security_recommendation").is_some_and(|text| text == "true");
    let minutes = ask.text("code_expiration_minutes");
    let preview = |language: &str| {
        let words = wording(language);
        let mut preview = json!({
            "body": body(words, security),
            "buttons": [{"autofill_text": words[5], "text": words[4]}],
            "language": language,
        });
        if let Some(minutes) = &minutes {
            preview["footer"] = json!(format!("{}{minutes}{}", words[2], words[3]));
        }
        preview
    };
    let languages = named.split([',', '[', ']', '"']).map(str::trim).filter(|language| !language.is_empty());
    Ok(json!({"data": languages.map(preview).collect::<Vec<_>>()}))
}

/// The components of an authentication template as listings show them: texts, and a URL for the code.
pub(crate) fn listed_authentication(components: &[Value], language: &str) -> Vec<Value> {
    let words = wording(language);
    let listed = |component: &Value| match component["type"].as_str() {
        Some("BODY") => {
            let security = component["add_security_recommendation"] == true;
            json!({
                "type": "BODY",
                "text": body(words, security),
                "add_security_recommendation": security,
                "example": {"body_text": [["123456"]]},
            })
        }
        Some("FOOTER") => {
            let minutes = component["code_expiration_minutes"].clone();
            let text = format!("{}{minutes}{}", words[2], words[3]);
            json!({"type": "FOOTER", "text": text, "code_expiration_minutes": minutes})
        }
        Some("BUTTONS") => {
            let button = component["buttons"][0].clone();
            let label = button["text"].as_str().unwrap_or(words[4]).to_owned();
            json!({"type": "BUTTONS", "buttons": [url_button(&button, &label)]})
        }
        _ => component.clone(),
    };
    components.iter().map(listed).collect()
}

fn url_button(button: &Value, label: &str) -> Value {
    let kind = button["otp_type"].as_str().unwrap_or("COPY_CODE");
    let mut address = format!("https://www.whatsapp.com/otp/code/?otp_type={kind}");
    if kind != "COPY_CODE" {
        let app = if button["supported_apps"][0].is_object() { &button["supported_apps"][0] } else { button };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let autofill = text(&button["autofill_text"]);
        address += &format!(
            "&cta_display_name={autofill}&package_name={}&signature_hash={}",
            text(&app["package_name"]),
            text(&app["signature_hash"])
        );
    }
    json!({
        "type": "URL",
        "text": label,
        "url": format!("{address}&code=otp{{{{1}}}}"),
        "example": [format!("{address}&code=otp123456")],
    })
}

fn body(words: Wording, security: bool) -> String {
    if security { format!("{} {}", words[0], words[1]) } else { words[0].to_owned() }
}

/// Meta's words in a language; English where the sandbox does not know them.
fn wording(language: &str) -> Wording {
    match language.split('_').next().unwrap_or(language) {
        "ar" => [
            "*{{1}}* هو رمز التحقق الخاص بك.",
            "للحفاظ على أمانك، لا تشارك هذا الرمز.",
            "تنتهي صلاحية هذا الرمز خلال ",
            " دقيقة.",
            "نسخ الرمز",
            "تعبئة تلقائية",
        ],
        "de" => [
            "*{{1}}* ist dein Verifizierungscode.",
            "Teile diesen Code zu deiner Sicherheit nicht.",
            "Dieser Code läuft in ",
            " Minuten ab.",
            "Code kopieren",
            "Autofill",
        ],
        "es" => [
            "Tu código de verificación es *{{1}}*.",
            "Por tu seguridad, no lo compartas.",
            "Este código caduca en ",
            " minutos.",
            "Copiar código",
            "Autocompletar",
        ],
        "fr" => [
            "*{{1}}* est votre code de vérification.",
            "Pour votre sécurité, ne partagez pas ce code.",
            "Ce code expire dans ",
            " minutes.",
            "Copier le code",
            "Remplir automatiquement",
        ],
        "pt" => [
            "Seu código de verificação é *{{1}}*.",
            "Para sua segurança, não o compartilhe.",
            "Este código expira em ",
            " minutos.",
            "Copiar código",
            "Preencher automaticamente",
        ],
        "tr" => [
            "Doğrulama kodunuz: *{{1}}*.",
            "Güvenliğiniz için bu kodu paylaşmayın.",
            "Bu kodun süresi ",
            " dakika içinde doluyor.",
            "Kodu kopyala",
            "Otomatik doldur",
        ],
        _ => [
            "*{{1}}* is your verification code.",
            "For your security, do not share this code.",
            "This code expires in ",
            " minutes.",
            "Copy code",
            "Autofill",
        ],
    }
}
