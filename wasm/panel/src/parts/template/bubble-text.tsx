// The words and the picture of a bubble: lines with their markup, and what stands above them.

import type { PreviewBlock, PreviewHeader, PreviewSpan, TextDirection } from 'consentry';
import type { ComponentChildren } from 'preact';

import { useWords } from '../../messages/words.ts';
import { Icon, type IconName } from '../icon.tsx';

interface BlocksProps {
  blocks: readonly PreviewBlock[];
  direction: TextDirection;
}

export function Blocks({ blocks, direction }: BlocksProps) {
  return (
    <>
      {blocks.map((block, at) => (
        <p key={at} class={`line is-${block.kind}`} dir={block.direction ?? direction}>
          {block.kind === 'number' && <span class="line-sign">{block.number}.</span>}
          {block.kind === 'bullet' && <span class="line-sign">•</span>}
          <span class="line-text">
            {block.spans.map((span, n) => (
              <Span key={n} span={span} />
            ))}
            {/* An empty line keeps its height. */}
            {block.spans.length === 0 && '\u200b'}
          </span>
        </p>
      ))}
    </>
  );
}

function Span({ span }: { span: PreviewSpan }) {
  const { m } = useWords();
  let drawn: ComponentChildren = span.text;
  for (const style of span.style ?? []) {
    if (style === 'bold') drawn = <strong>{drawn}</strong>;
    else if (style === 'italic') drawn = <em>{drawn}</em>;
    else if (style === 'strike') drawn = <s>{drawn}</s>;
    else drawn = <code>{drawn}</code>;
  }
  if (span.variable === undefined) return <>{drawn}</>;
  const isMissing = span.source === 'missing';
  return (
    <span
      class={isMissing ? 'filled is-missing' : `filled is-${span.source ?? 'value'}`}
      title={isMissing ? m.bubble.missingOf(span.variable) : `{{${span.variable}}}`}
    >
      {drawn}
    </span>
  );
}

const PICTURES: { [kind in PreviewHeader['kind']]?: IconName } = {
  image: 'picture',
  video: 'play',
  gif: 'play',
  document: 'sheet',
  location: 'place',
  product: 'shop',
  unknown: 'warning',
};

interface HeaderProps {
  header: PreviewHeader;
  direction: TextDirection;
  pictures?: ReadonlyMap<string, string> | undefined;
}

export function HeaderPicture({ header, direction, pictures }: HeaderProps) {
  const { m } = useWords();
  if (header.kind === 'text') {
    return <div class="bubble-title">{header.text && <Blocks blocks={[header.text]} direction={direction} />}</div>;
  }
  const own = Object.values(header.value ?? {}).map((value) => pictures?.get(String(value)));
  const picture = own.find((one) => one !== undefined);
  if (picture !== undefined) return <img class="bubble-media" src={picture} alt={m.bubble.media[header.kind]} />;
  return (
    <div class={`bubble-media is-${header.kind} ${header.source === 'missing' ? 'is-missing' : ''}`}>
      <Icon name={PICTURES[header.kind] ?? 'picture'} />
      <span>{m.bubble.media[header.kind]}</span>
    </div>
  );
}
