// Takes an import back: says what that does, asks who wants it and why, and waits for the host.

import { useRef, useState } from 'preact/hooks';

import { addressOf, standing } from '../access.ts';
import type { ImportDoc } from '../api/documents.ts';
import { importDoc, takeBack } from '../api/host.ts';
import { useCell } from '../cell.ts';
import { useWords } from '../messages/words.ts';
import { troubleFrom, type Trouble } from '../trouble.ts';
import { announce } from './announcer.tsx';
import { ProgressBar } from './figures.tsx';
import { Icon } from './icon.tsx';
import { TroubleNote } from './trouble-note.tsx';

/** Together they stay below what the host keeps of them, in characters. */
const BY_CHARS_MAX = 60;
const REASON_CHARS_MAX = 200;

interface Props {
  doc: ImportDoc;
  /** It is taken back, by this page or by somebody else. */
  onTakenBack: (doc: ImportDoc) => void;
}

export function TakeBack({ doc, onTakenBack }: Props) {
  const { m } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const address = addressOf(useCell(standing));
  const [said, setBy] = useState('');
  const by = address || said;
  const [reason, setReason] = useState('');
  const [waiting, setWaiting] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const isOver = trouble?.kind === 'not-undoable';

  const open = () => {
    setTrouble(undefined);
    dialog.current?.showModal();
    // Reading starts at the question, and no keyboard covers it on a phone.
    title.current?.focus();
  };
  const send = async () => {
    if (waiting || isOver) return;
    setWaiting(true);
    setTrouble(undefined);
    announce(m.takeBack.waiting);
    try {
      const undone = await takeBack(doc.import, by.trim(), reason.trim());
      dialog.current?.close();
      onTakenBack(undone);
    } catch (thrown) {
      setWaiting(false);
      setTrouble(troubleFrom(thrown));
      // A browser may have closed it all the same; what went wrong must be seen.
      if (dialog.current && !dialog.current.open) dialog.current.showModal();
    }
  };
  const onClose = () => {
    if (!isOver) return;
    const never = new AbortController().signal;
    // Should the host be away now, the page stays as it is; asked again, it says so.
    importDoc(doc.import, never).then(onTakenBack, () => setTrouble(undefined));
  };
  return (
    <>
      <button type="button" onClick={open}>
        <Icon name="undo" />
        {m.takeBack.open}
      </button>
      <dialog
        ref={dialog}
        class="take-back"
        aria-labelledby="take-back-title"
        aria-describedby="take-back-text"
        closedby={waiting ? 'none' : 'closerequest'}
        onCancel={(event) => waiting && event.preventDefault()}
        onClose={onClose}
      >
        <form
          aria-busy={waiting}
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <h2 id="take-back-title" ref={title} tabIndex={-1}>
            {m.takeBack.title}
          </h2>
          <p class="file-line">
            <Icon name="sheet" />
            <strong dir="auto">{doc.file.name ?? m.history.unnamed}</strong>
            <span class="soft">{doc.import}</span>
          </p>
          <div id="take-back-text">
            <ul class="notes">
              <li>{m.takeBack.effects.removed}</li>
              <li>{m.takeBack.effects.reversed}</li>
              <li>{m.takeBack.effects.kept}</li>
            </ul>
            <p class="soft">{m.takeBack.after}</p>
          </div>
          {trouble && <TroubleNote trouble={isOver ? { ...trouble, detail: '' } : trouble} />}
          {!isOver && (
            <>
              <div class="field">
                <label for="take-back-by">{m.takeBack.by}</label>
                <input
                  id="take-back-by"
                  value={by}
                  required
                  pattern=".*\S.*"
                  title={m.takeBack.byMissing}
                  maxLength={BY_CHARS_MAX}
                  autocomplete="name"
                  readOnly={waiting || address !== ''}
                  onInput={(event) => setBy(event.currentTarget.value)}
                />
              </div>
              <div class="field">
                <label for="take-back-reason">
                  {m.takeBack.reason} <small class="soft">({m.takeBack.optional})</small>
                </label>
                <input
                  id="take-back-reason"
                  value={reason}
                  maxLength={REASON_CHARS_MAX}
                  autocomplete="off"
                  readOnly={waiting}
                  onInput={(event) => setReason(event.currentTarget.value)}
                />
              </div>
            </>
          )}
          {waiting && <ProgressBar label={m.takeBack.waiting} />}
          <p class="actions">
            <button type="button" aria-disabled={waiting} onClick={() => !waiting && dialog.current?.close()}>
              {isOver ? m.takeBack.close : m.takeBack.cancel}
            </button>
            {!isOver && (
              <button type="submit" class="primary" aria-disabled={waiting}>
                {waiting ? m.takeBack.waiting : m.takeBack.confirm}
              </button>
            )}
          </p>
        </form>
      </dialog>
    </>
  );
}
