import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { TroubleBox } from './notice.tsx'
import { useBusy } from './use-busy.ts'

/** A form of one question; `onSend` may reject with what is then shown. */
export function Form(props: {
  readonly children: ComponentChildren
  readonly send: string
  readonly busy: string
  /** How the button looks: what the screen is for, something grave, or the other choice. */
  readonly look?: 'primary' | 'danger' | 'other'
  onSend(): Promise<void>
}) {
  const { busy, trouble, run } = useBusy()
  return (
    <form
      noValidate
      aria-busy={busy}
      onSubmit={event => {
        event.preventDefault()
        if (!busy) void run(props.onSend)
      }}
    >
      {trouble && <TroubleBox trouble={trouble} />}
      {props.children}
      <button type="submit" class={props.look ?? 'primary'} aria-disabled={busy}>
        {busy ? props.busy : props.send}
      </button>
      <p class="visually-hidden" role="status">
        {busy ? props.busy : ''}
      </p>
    </form>
  )
}

/** A labelled field with its hint. */
export function Field(props: {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly value: string
  readonly type?: 'text' | 'email' | 'tel' | 'date'
  readonly code?: boolean
  readonly digits?: boolean
  readonly autocomplete?: string
  readonly autofocus?: boolean
  onValue(value: string): void
}) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const { label, hint, value, type = 'text', code, digits, autocomplete = 'off', autofocus, onValue } = props
  useEffect(() => {
    if (autofocus) input.current?.focus()
  }, [autofocus])
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <input
        ref={input}
        id={id}
        type={type as 'text'}
        class={code ? 'code' : undefined}
        inputMode={digits ? 'numeric' : undefined}
        autocomplete={autocomplete}
        autocapitalize={code ? 'characters' : 'none'}
        spellcheck={false}
        aria-describedby={hint ? `${id}-hint` : undefined}
        value={value}
        onInput={event => onValue(event.currentTarget.value)}
      />
    </div>
  )
}

/** A secret code: hidden unless the person wants to see it; browsers are not asked to keep it. */
export function SecretField(props: {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly value: string
  readonly isNew?: boolean
  onValue(value: string): void
}) {
  const id = useId()
  const { words } = useApp()
  const [isShown, setShown] = useState(false)
  const { label, hint, value, isNew, onValue } = props
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <input
        id={id}
        type={(isShown ? 'text' : 'password') as 'text'}
        autocomplete={isNew ? 'new-password' : 'current-password'}
        autocapitalize="none"
        spellcheck={false}
        aria-describedby={hint ? `${id}-hint` : undefined}
        value={value}
        onInput={event => onValue(event.currentTarget.value)}
      />
      <label class="check">
        <input type="checkbox" checked={isShown} onChange={event => setShown(event.currentTarget.checked)} />
        {words.frame.showCode}
      </label>
    </div>
  )
}
