// Picks the messages and formats of the language that is being read, and the meaning of codes in it.

import { rules, templateRules, type Code, type RuleText, type TemplateCode, type TemplateRuleText } from 'consentry';

import { cell, useCell } from '../cell.ts';
import { formats, type Formats } from '../format.ts';
import { language, type Language } from '../preferences.ts';
import { en, type Messages } from './en.ts';
import { rulesInTurkish, type RuleWords } from './rules.tr.ts';
import { templateRulesInTurkish } from './template-rules.tr.ts';
import { tr } from './tr.ts';

const MESSAGES: { [one in Language]: Messages } = { en, tr };

/** Codes in languages other than the engine's own. */
const TRANSLATED: { [one in Language]?: { [code in Code]: RuleWords } } = { tr: rulesInTurkish };

const TEMPLATES_TRANSLATED: { [one in Language]?: { [code in TemplateCode]: RuleWords } } = { tr: templateRulesInTurkish };

const engineRules = cell<ReadonlyMap<string, RuleText>>(new Map());
const engineTemplateRules = cell<ReadonlyMap<string, TemplateRuleText>>(new Map());
let asked = false;
let askedOfTemplates = false;

/** Words and formats; renders again when the language changes. */
export function useWords(): { m: Messages; f: Formats; lang: Language } {
  const lang = useCell(language);
  return { m: MESSAGES[lang], f: formats(lang), lang };
}

/** Names a language in itself. */
export function nameOf(one: Language): string {
  return MESSAGES[one].name;
}

/** What codes mean. Before the engine has said so, a code stands for itself. */
export function useRules(): (code: Code) => RuleWords {
  const known = useCell(engineRules);
  const lang = useCell(language);
  if (!asked) {
    asked = true;
    rules().then(
      (all) => engineRules.set(new Map(all.map((rule) => [rule.code, rule]))),
      () => (asked = false),
    );
  }
  return (code) => TRANSLATED[lang]?.[code] ?? known.get(code) ?? { what: code, why: '', cure: '' };
}

/** The same for codes about templates. */
export function useTemplateRules(): (code: TemplateCode) => RuleWords {
  const known = useCell(engineTemplateRules);
  const lang = useCell(language);
  if (!askedOfTemplates) {
    askedOfTemplates = true;
    templateRules().then(
      (all) => engineTemplateRules.set(new Map(all.map((rule) => [rule.code, rule]))),
      () => (askedOfTemplates = false),
    );
  }
  return (code) => TEMPLATES_TRANSLATED[lang]?.[code] ?? known.get(code) ?? { what: code, why: '', cure: '' };
}

/** The sentence that the engine writes when it has nothing particular to say; the rule's own words replace it. */
export function isPlainMessage(code: Code, message: string): boolean {
  const rule = engineRules.get().get(code);
  if (!rule) return true; // Not known yet; better a note late than one that goes away.
  const what = rule.what.charAt(0).toUpperCase() + rule.what.slice(1);
  return message === `${what}. ${rule.cure}`;
}
