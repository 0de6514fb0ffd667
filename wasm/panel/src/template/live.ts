// Judges and draws a template while it is being written. One question at a time is with the engine; what was typed
// meanwhile goes as one question after it, so that the picture is never behind by more than the newest.

import { judge, preview, type LintContext, type MessagePreview, type TemplateDiagnostic } from 'consentry';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { troubleFrom, type Trouble } from '../trouble.ts';
import type { JsonObject } from './document.ts';

export interface Live {
  /** Absent until the engine has spoken for the first time. */
  findings?: readonly TemplateDiagnostic[];
  drawn?: MessagePreview;
  /** What the findings are about. */
  of?: JsonObject;
  trouble?: Trouble;
}

interface Question {
  template: JsonObject;
  context: LintContext;
}

export function useLive(template: JsonObject, context: LintContext): Live {
  const [live, setLive] = useState<Live>({});
  const waiting = useRef<Question>();
  const busy = useRef(false);
  const gone = useRef(false);

  const work = async () => {
    busy.current = true;
    for (let asked = waiting.current; asked && !gone.current; asked = waiting.current) {
      waiting.current = undefined;
      try {
        const { template, context } = asked;
        const { lint, preview: { preview: drawn } } = await judge({ ...context, template, examples: true });
        const news = { findings: lint.diagnostics, of: template, ...(drawn && { drawn }) };
        if (!gone.current) setLive(({ trouble: _, ...before }) => ({ ...before, ...news }));
      } catch (thrown) {
        if (!gone.current) setLive((before) => ({ ...before, trouble: troubleFrom(thrown) }));
      }
    }
    busy.current = false;
  };
  useLayoutEffect(() => {
    waiting.current = { template, context };
    if (!busy.current) void work();
  }, [template, context]);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  return live;
}

/** A template that is only looked at. */
export function useDrawn(template: JsonObject | undefined): MessagePreview | undefined {
  const [drawn, setDrawn] = useState<MessagePreview>();
  useEffect(() => {
    if (!template) return;
    let gone = false;
    preview({ template, examples: true }).then(
      (report) => !gone && setDrawn(report.preview),
      () => {}, // The page says what stands there all the same.
    );
    return () => {
      gone = true;
    };
  }, [template]);
  return drawn;
}
