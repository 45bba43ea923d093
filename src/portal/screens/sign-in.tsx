import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { ActFailed } from '../link.ts'
import { Form, SecretField } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { askingFor, PasswordBefore, type PasswordQuestion } from './password.tsx'

/** What signing in gives to the screens inside. */
export interface SignedInside {
  readonly idleSeconds: number
  readonly warnings: readonly string[]
}

/** Secret code, then the code that came by mail. */
export function SignIn(props: {
  onSignedIn(inside: SignedInside): void
  /** The person has no way in by this screen. */
  onHelp(): void
}) {
  const { words, link } = useApp()
  const { signIn } = words
  // Kept until the person is in, or leaves: a message that was missed does not cost it again.
  const [secretCode, setSecretCode] = useState('')
  const [asked, setAsked] = useState<PasswordQuestion | null>(null)
  const [isAgain, setAgain] = useState(false)
  return (
    <PasswordBefore asked={asked} send={signIn.passwordSend} busy={signIn.passwordBusy} onBack={() => setAsked(null)}>
      <Screen title={signIn.title}>
        {isAgain && (
          <Notice kind="warning">
            <p role="alert">{signIn.wrongPassword}</p>
          </Notice>
        )}
        <Form
          send={signIn.send}
          busy={signIn.busy}
          onSend={async () => {
            setAgain(false)
            try {
              props.onSignedIn(await link.call('signIn', { secretCode }, askingFor(setAsked)))
            } catch (error) {
              if (!(error instanceof ActFailed) || error.failure.code !== 'code-refused') throw error
              setAgain(true)
            }
          }}
        >
          <SecretField label={signIn.secretCode} hint={signIn.secretHint} value={secretCode} onValue={setSecretCode} />
        </Form>
        <button type="button" class="plain" onClick={props.onHelp}>
          {signIn.help}
        </button>
      </Screen>
    </PasswordBefore>
  )
}
