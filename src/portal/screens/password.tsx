import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { ActFailed, type Asked } from '../link.ts'
import { Field, Form } from '../parts/form.tsx'
import { Screen } from '../parts/screen.tsx'

/** The code that was just sent by mail. What follows on the answer is its asker's to show. */
export function Password(props: {
  readonly asked: Extract<Asked, { name: 'password' }>
  readonly send: string
  readonly busy: string
  onBack(): void
}) {
  const { words } = useApp()
  const { signIn, frame } = words
  const [code, setCode] = useState('')
  const { asked, send, busy, onBack } = props
  const { sentTo, delivery } = asked.detail
  return (
    <Screen
      title={signIn.passwordTitle}
      lead={delivery === 'sent' ? signIn.passwordLead(sentTo) : signIn.passwordQueued(sentTo)}
      back={{ label: frame.back, onBack }}
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
        <Field label={signIn.password} value={code} digits code autocomplete="one-time-code" onValue={setCode} />
      </Form>
    </Screen>
  )
}
