import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { ActFailed, type Asked } from '../link.ts'
import { Form, SecretField } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { Password } from './password.tsx'

/** Secret code, then the code that came by mail. */
export function SignIn(props: {
  onSignedIn(inside: { readonly idleSeconds: number; readonly warnings: readonly string[] }): void
}) {
  const { words, link } = useApp()
  const { signIn } = words
  const [secretCode, setSecretCode] = useState('')
  const [asked, setAsked] = useState<Extract<Asked, { name: 'password' }> | null>(null)
  const [isAgain, setAgain] = useState(false)
  if (asked !== null) {
    return (
      <Password
        asked={asked}
        send={signIn.passwordSend}
        busy={signIn.passwordBusy}
        onBack={() => {
          asked.giveUp()
          setAsked(null)
        }}
      />
    )
  }
  return (
    <Screen title={signIn.title}>
      {isAgain && (
        <Notice kind="warning">
          <p>{signIn.wrongPassword}</p>
        </Notice>
      )}
      <Form
        send={signIn.send}
        busy={signIn.busy}
        onSend={async () => {
          setAgain(false)
          try {
            const inside = await link.call(
              'signIn',
              { secretCode },
              {
                onAsk(question) {
                  if (question.name !== 'password') return
                  setSecretCode('')
                  setAsked(question)
                },
              },
            )
            props.onSignedIn(inside)
          } catch (error) {
            setAsked(null)
            if (error instanceof ActFailed && error.failure.code === 'code-refused') setAgain(true)
            else throw error
          }
        }}
      >
        <SecretField label={signIn.secretCode} hint={signIn.secretHint} value={secretCode} onValue={setSecretCode} />
      </Form>
    </Screen>
  )
}
