import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { ActFailed } from '../link.ts'
import { askingFor, PasswordBefore, type PasswordQuestion } from '../screens/password.tsx'
import { Form, SecretField } from './form.tsx'
import { Screen } from './screen.tsx'

interface Waiting {
  resolve(): void
  reject(error: unknown): void
}

/**
 * For acts that decide who gets in, which want a sign-in of the last minutes: an act is tried; when the host wants the sign-in,
 * the person is asked for it, and the act is then tried once more. `cover` stands in front of the screen meanwhile, whose own
 * state stays as it is.
 */
export function useSensitive(): {
  sensitively<T>(act: () => Promise<T>): Promise<T>
  readonly cover: ComponentChildren | null
} {
  const [waiting, setWaiting] = useState<Waiting | null>(null)
  return {
    async sensitively(act) {
      try {
        return await act()
      } catch (error) {
        if (!(error instanceof ActFailed) || error.failure.code !== 'sign-in-again') throw error
      }
      await new Promise<void>((resolve, reject) => setWaiting({ resolve, reject })).finally(() => setWaiting(null))
      return act()
    },
    cover: waiting === null ? null : <SignInAgain waiting={waiting} />,
  }
}

function SignInAgain({ waiting }: { readonly waiting: Waiting }) {
  const { words, link } = useApp()
  const { sensitive, frame, signIn } = words
  const [secretCode, setSecretCode] = useState('')
  const [asked, setAsked] = useState<PasswordQuestion | null>(null)
  const giveUp = () => waiting.reject(new ActFailed({ code: 'given-up', kind: 'given-up', message: '' }))
  return (
    <PasswordBefore asked={asked} send={frame.next} busy={frame.wait} onBack={() => setAsked(null)}>
      <Screen title={sensitive.title} lead={sensitive.lead} back={{ label: frame.cancel, onBack: giveUp }}>
        <Form
          send={frame.next}
          busy={signIn.busy}
          onSend={async () => {
            await link.call('signInAgain', { secretCode }, askingFor(setAsked))
            waiting.resolve()
          }}
        >
          <SecretField label={signIn.secretCode} value={secretCode} onValue={setSecretCode} />
        </Form>
      </Screen>
    </PasswordBefore>
  )
}
