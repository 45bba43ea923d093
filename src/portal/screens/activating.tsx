import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { ContactField, type TypedContact } from '../parts/contact-field.tsx'
import { Field, Form, SecretField } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { Scan } from '../parts/scan.tsx'
import { Screen } from '../parts/screen.tsx'
import { AskIns } from './ask-ins.tsx'
import { askingFor, PasswordBefore, type PasswordQuestion } from './password.tsx'

const STEPS = ['ins', 'code', 'kit', 'secret', 'contact'] as const
type Step = (typeof STEPS)[number]

/**
 * Activating with the second letter: code, kit, a secret code, an address or a telephone; then this browser opens the record. The same with
 * another letter gives a record in use a new secret code, when the one before was lost.
 */
export function Activating(props: {
  readonly asksIns: boolean
  readonly isLostCode: boolean
  onBack(): void
  onActivated(): void
}) {
  const { words, link } = useApp()
  const { opening, frame, lost } = words
  const activating = props.isLostCode ? { ...words.activating, ...lost.activating } : words.activating
  const [step, setStep] = useState<Step>(props.asksIns ? 'ins' : 'code')
  const [given, setGiven] = useState({ ins: '', code: '', kit: '', secret: '', again: '' })
  const [contact, setContact] = useState<TypedContact>({ kind: 'mail', address: '' })
  const [differs, setDiffers] = useState(false)
  const [asked, setAsked] = useState<PasswordQuestion | null>(null)
  const [isDone, setDone] = useState(false)
  const set = (name: keyof typeof given) => (value: string) => setGiven(old => ({ ...old, [name]: value }))
  const first = props.asksIns ? 'ins' : 'code'
  const goBack = () => {
    const before = STEPS[STEPS.indexOf(step) - 1]
    if (step === first || before === undefined) props.onBack()
    else setStep(before)
  }
  const back = { label: frame.back, onBack: goBack }

  if (isDone) {
    return (
      <Screen title={activating.doneTitle} lead={activating.doneLead}>
        <button type="button" class="primary" onClick={props.onActivated}>
          {activating.doneNext}
        </button>
      </Screen>
    )
  }
  switch (step) {
    case 'ins':
      return (
        <AskIns
          lead={activating.insLead}
          back={back}
          value={given.ins}
          onValue={set('ins')}
          onRead={() => setStep('code')}
        />
      )
    case 'code':
      return (
        <Screen key={step} title={activating.codeTitle} lead={activating.codeLead} back={back}>
          <Form
            send={frame.next}
            busy={frame.wait}
            onSend={async () => {
              set('code')((await link.call('checkMailedCode', { code: given.code, purpose: 'activation' })).code)
              setStep('kit')
            }}
          >
            <Scan
              onText={async text => {
                set('code')((await link.call('checkMailedCode', { code: text, purpose: 'activation' })).code)
                setStep('kit')
              }}
            />
            <Field label={activating.code} hint={opening.codeHint} value={given.code} code onValue={set('code')} />
          </Form>
        </Screen>
      )
    case 'kit':
      return (
        <Screen key={step} title={activating.kitTitle} lead={activating.kitLead} back={back}>
          <Form
            send={frame.next}
            busy={frame.wait}
            onSend={async () => {
              await link.call('checkKit', { kit: given.kit })
              setStep('secret')
            }}
          >
            <Scan
              onText={async text => {
                await link.call('checkKit', { kit: text })
                set('kit')(text)
                setStep('secret')
              }}
            />
            <Field label={activating.kit} hint={opening.codeHint} value={given.kit} code onValue={set('kit')} />
          </Form>
        </Screen>
      )
    case 'secret':
      return (
        <Screen key={step} title={activating.secretTitle} lead={activating.secretLead} back={back}>
          <Form
            send={frame.next}
            busy={frame.wait}
            onSend={async () => {
              setDiffers(false)
              await link.call('checkSecretCode', { code: given.secret, contact: contact.address })
              if (given.secret !== given.again) setDiffers(true)
              else setStep('contact')
            }}
          >
            {differs && (
              <Notice kind="warning">
                <p role="alert">{activating.secretOther}</p>
              </Notice>
            )}
            <SecretField
              label={activating.secret}
              hint={activating.secretHint}
              isNew
              value={given.secret}
              onValue={set('secret')}
            />
            <SecretField label={activating.secretAgain} isNew value={given.again} onValue={set('again')} />
            <p>{activating.secretNobody}</p>
          </Form>
        </Screen>
      )
    case 'contact':
      return (
        <PasswordBefore
          asked={asked}
          send={activating.passwordSend}
          busy={activating.passwordBusy}
          onBack={() => setAsked(null)}
        >
          <Screen key={step} title={activating.contactTitle} lead={activating.contactLead} back={back}>
            <Form
              send={frame.next}
              busy={activating.contactBusy}
              onSend={async () => {
                const { ins, code, kit, secret } = given
                const input = { ins: props.asksIns ? ins : null, code, kit, secretCode: secret, contact }
                await link.call('activate', input, askingFor(setAsked))
                setDone(true)
              }}
            >
              <ContactField value={contact} onValue={setContact} />
            </Form>
          </Screen>
        </PasswordBefore>
      )
  }
}
