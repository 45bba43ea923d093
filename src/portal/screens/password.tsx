import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { ActFailed, type Asked, type Meanwhile } from '../link.ts'
import { Field, Form } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { Covered, Screen } from '../parts/screen.tsx'

export type PasswordQuestion = Extract<Asked, { name: 'password' }>

/** How a screen hears that a call asks for it. */
export function askingFor(setAsked: (asked: PasswordQuestion | null) => void): Meanwhile {
  return {
    onAsk(question) {
      if (question.name === 'password') setAsked(question)
    },
    onEnd: () => setAsked(null),
  }
}

interface Sending {
  /** The button, and what it says meanwhile. */
  readonly send: string
  readonly busy: string
  onBack(): void
}

/** A screen whose act asks for the code that was just sent, in front of it. */
export function PasswordBefore(
  props: Sending & { readonly asked: PasswordQuestion | null; readonly children: ComponentChildren },
) {
  const { asked, children, ...sending } = props
  return (
    <Covered cover={asked === null ? null : <Password key={asked.serial} asked={asked} {...sending} />}>
      {children}
    </Covered>
  )
}

/** After a wrong one the same message can be looked at again. */
function Password(props: Sending & { readonly asked: PasswordQuestion }) {
  const { words } = useApp()
  const { signIn, frame } = words
  const [code, setCode] = useState('')
  const { asked, send, busy, onBack } = props
  const { sentTo, delivery, isAgain } = asked.detail
  return (
    <Screen
      title={signIn.passwordTitle}
      lead={delivery === 'sent' ? signIn.passwordLead(sentTo) : signIn.passwordQueued(sentTo)}
      back={{
        label: frame.back,
        onBack() {
          asked.giveUp()
          onBack()
        },
      }}
    >
      <Form
        send={send}
        busy={busy}
        onSend={async () => {
          if (code.replaceAll(/[\s-]/g, '').length !== 8) {
            throw new ActFailed({ code: 'one-time-password-malformed', kind: 'input', message: '' })
          }
          asked.answer(code)
          await new Promise(() => undefined) // the screen goes when the act ends
        }}
      >
        {isAgain && (
          <Notice kind="warning">
            <p role="alert">{signIn.passwordAgain}</p>
          </Notice>
        )}
        <Field label={signIn.password} value={code} digits code autocomplete="one-time-code" onValue={setCode} />
      </Form>
      <p class="hint">{sentTo.includes('@') ? signIn.passwordNone : signIn.passwordNoneSms}</p>
    </Screen>
  )
}
