// The heading of a page. It names the browser's tab and, after a change of page, takes the focus, so that keyboards
// and screen readers start where eyes do.

import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

import { visited } from '../router.ts';

interface Props {
  title: string;
  /** What the tab is called, where that is something else. */
  tab?: string;
  /** The heading as it is drawn, where words alone would not do. */
  children?: ComponentChildren;
}

export function Heading({ title, tab, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${tab ?? title} · Consentry`;
  }, [title, tab]);
  // Before the page is painted, so that the focus is never taken from somebody who has moved on already.
  useLayoutEffect(() => {
    if (visited > 0) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
