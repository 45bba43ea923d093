import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Trouble, useApp } from '../context.ts'

/** Where the host is; put in when the pages are built. */
declare const COFFRE_HOST: string

/** A box that says something: news, a warning, a danger. */
export function Notice(props: {
  readonly kind: 'good' | 'info' | 'warning' | 'danger'
  readonly title?: string
  readonly children: ComponentChildren
}) {
  return (
    <div class={`notice ${props.kind}`}>
      {props.title && <p class="notice-title">{props.title}</p>}
      {props.children}
    </div>
  )
}

/** What went wrong and what to do next; takes the focus, so that it is read. */
export function TroubleBox({ trouble, onAgain }: { readonly trouble: Trouble; onAgain?(): void }) {
  const { words } = useApp()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [trouble])
  const isDanger = trouble.kind === 'verification' || trouble.kind === 'defect'
  return (
    <div class={`notice ${isDanger ? 'danger' : 'warning'}`} role="alert" tabIndex={-1} ref={box}>
      <p class="notice-title">{trouble.title}</p>
      <p>{trouble.text}</p>
      {trouble.kind === 'unreachable' && trouble.code !== 'pages-unreachable' && navigator.onLine && <Untrusted />}
      {isDanger && (
        <p class="small">
          {words.frame.errorCode} <code>{trouble.code}</code>
        </p>
      )}
      {onAgain && (
        <button type="button" onClick={onAgain}>
          {words.frame.again}
        </button>
      )}
    </div>
  )
}

/**
 * A page is not told why its browser refused a connection: a host that is down and a certificate that the browser does not
 * trust look alike. The host's own address, opened in a tab, shows which; nothing is sent there but that visit.
 */
function Untrusted() {
  const { words } = useApp()
  const { question, steps, link, never } = words.untrusted
  return (
    <details>
      <summary>{question}</summary>
      <ol>
        {steps.map(step => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p>
        <a href={`${COFFRE_HOST}/v1/health`} target="_blank" rel="noopener noreferrer">
          {link} {COFFRE_HOST.replace(/^https:\/\//, '')}
        </a>
      </p>
      <p>{never}</p>
    </details>
  )
}

/** While something comes: words first, for those who do not see the ring. */
export function Waiting({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="waiting" role="status">
      <span class="ring" aria-hidden="true" />
      <span>{children}</span>
    </p>
  )
}
