import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useApp } from '../context.ts'

/** One question, one screen: its title takes the focus, so that a screen reader begins there. */
export function Screen(props: {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly back?: { readonly label: string; onBack(): void }
  readonly children?: ComponentChildren
}) {
  const { words } = useApp()
  const heading = useRef<HTMLHeadingElement>(null)
  const { title, lead, back, children } = props
  useEffect(() => {
    document.title = `${title} – ${words.frame.name}`
    heading.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [title, words])
  return (
    <main id="main">
      {back && (
        <button type="button" class="back" onClick={back.onBack}>
          <span aria-hidden="true">←</span> {back.label}
        </button>
      )}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </main>
  )
}
