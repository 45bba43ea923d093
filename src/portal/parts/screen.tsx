import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useRef } from 'preact/hooks'
import { useApp } from '../context.ts'

const Behind = createContext(false)

/**
 * A screen, and what stands in front of it for a while (a question that an act asks): the screen stays as it is meanwhile, so
 * that what goes wrong is told where it was begun.
 */
export function Covered(props: { readonly cover: ComponentChildren | null; readonly children: ComponentChildren }) {
  const isBehind = props.cover !== null
  return (
    <>
      {props.cover}
      <Behind.Provider value={isBehind}>
        <div class="behind" hidden={isBehind}>
          {props.children}
        </div>
      </Behind.Provider>
    </>
  )
}

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
  const isBehind = useContext(Behind)
  useEffect(() => {
    if (isBehind) return
    document.title = `${title} – ${words.frame.name}`
    heading.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [title, words, isBehind])
  return (
    <main>
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
