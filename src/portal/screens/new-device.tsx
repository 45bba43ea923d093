import { useEffect, useState } from 'preact/hooks'
import type { ResultOf } from '../calls.ts'
import { useApp } from '../context.ts'
import { Choice } from '../parts/choice.tsx'
import { Field, Form, SecretField } from '../parts/form.tsx'
import { TroubleBox, Waiting } from '../parts/notice.tsx'
import { Qr } from '../parts/qr.tsx'
import { Scan } from '../parts/scan.tsx'
import { Screen } from '../parts/screen.tsx'
import { useBusy } from '../parts/use-busy.ts'
import { AskIns } from './ask-ins.tsx'
import { askingFor, PasswordBefore, type PasswordQuestion } from './password.tsx'
import type { SignedInside } from './sign-in.tsx'

type Step = 'how' | 'pairing' | 'ins' | 'kit' | 'code'

/** A browser that is to open a record that is in use: let in by the kit, or by a device that opens it. */
export function NewDevice(props: {
  readonly asksIns: boolean
  onBack(): void
  /** Neither is at hand. */
  onLostAll(): void
  onSignedIn(inside: SignedInside): void
}) {
  const { words, link } = useApp()
  const { newDevice: said, opening, activating, reopening, signIn, frame } = words
  const [step, setStep] = useState<Step>('how')
  const [isByKit, setByKit] = useState(true)
  const [ins, setIns] = useState('')
  const [kit, setKit] = useState('')
  const [secretCode, setSecretCode] = useState('')
  const [asked, setAsked] = useState<PasswordQuestion | null>(null)
  const afterHow = props.asksIns ? 'ins' : isByKit ? 'kit' : 'code'
  switch (step) {
    case 'how':
      return (
        <Screen title={said.title} lead={said.lead} back={{ label: frame.back, onBack: props.onBack }}>
          <ul class="choices">
            <Choice
              title={said.byDevice}
              text={said.byDeviceText}
              onChoose={() => {
                setByKit(false)
                setStep('pairing')
              }}
            />
            <Choice
              title={said.byKit}
              text={said.byKitText}
              onChoose={() => {
                setByKit(true)
                setStep(props.asksIns ? 'ins' : 'kit')
              }}
            />
            <Choice title={reopening.choice} text={reopening.choiceText} onChoose={props.onLostAll} />
          </ul>
        </Screen>
      )
    case 'pairing':
      return <Pairing onBack={() => setStep('how')} onLetIn={() => setStep(afterHow)} />
    case 'ins':
      return (
        <AskIns
          lead={said.insLead}
          back={{ label: frame.back, onBack: () => setStep('how') }}
          value={ins}
          onValue={setIns}
          onRead={() => setStep(isByKit ? 'kit' : 'code')}
        />
      )
    case 'kit':
      return (
        <Screen
          key={step}
          title={activating.kitTitle}
          lead={activating.kitLead}
          back={{ label: frame.back, onBack: () => setStep(props.asksIns ? 'ins' : 'how') }}
        >
          <Form
            send={frame.next}
            busy={frame.wait}
            onSend={async () => {
              await link.call('checkKit', { kit })
              setStep('code')
            }}
          >
            <Scan
              onText={async text => {
                await link.call('checkKit', { kit: text })
                setKit(text)
                setStep('code')
              }}
            />
            <Field label={activating.kit} hint={opening.codeHint} value={kit} code onValue={setKit} />
          </Form>
        </Screen>
      )
    case 'code':
      return (
        <PasswordBefore asked={asked} send={signIn.passwordSend} busy={said.busy} onBack={() => setAsked(null)}>
          <Screen
            title={said.codeTitle}
            lead={said.codeLead}
            back={{ label: frame.back, onBack: () => setStep(isByKit ? 'kit' : props.asksIns ? 'ins' : 'how') }}
          >
            <Form
              send={frame.next}
              busy={signIn.busy}
              onSend={async () => {
                const input = { ins: props.asksIns ? ins : null, kit: isByKit ? kit : null, secretCode }
                props.onSignedIn(await link.call('addDevice', input, askingFor(setAsked)))
              }}
            >
              <SecretField label={signIn.secretCode} value={secretCode} onValue={setSecretCode} />
            </Form>
          </Screen>
        </PasswordBefore>
      )
  }
}

/** Shows the square that the other device scans, and waits for it. */
function Pairing({ onBack, onLetIn }: { onBack(): void; onLetIn(): void }) {
  const { words, link } = useApp()
  const { newDevice: said, frame } = words
  const { trouble, run } = useBusy()
  const [shown, setShown] = useState<ResultOf<'startPairing'> | null>(null)
  const begin = () =>
    void run(async () => {
      setShown(null)
      setShown(await link.call('startPairing', null))
      await link.call('awaitPairing', null)
      onLetIn()
    })
  useEffect(begin, [])
  return (
    <Screen title={said.pairingTitle} back={{ label: frame.back, onBack }}>
      {trouble !== null && <TroubleBox trouble={trouble} onAgain={begin} />}
      {trouble === null && shown === null && <Waiting>{frame.wait}</Waiting>}
      {trouble === null && shown !== null && (
        <>
          <ol>
            {said.pairingSteps.map(step => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          <div class="shown-qr">
            <Qr qr={shown.qr} alt={said.pairingAlt} />
          </div>
          <Waiting>{said.pairingWaiting}</Waiting>
          <details>
            <summary>{said.pairingNoCamera}</summary>
            <p>{said.pairingText}</p>
            <p class="code">{shown.text}</p>
          </details>
        </>
      )}
    </Screen>
  )
}
