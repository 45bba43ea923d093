import { useState } from 'preact/hooks'
import type { ResultOf } from '../calls.ts'
import { useApp } from '../context.ts'
import { Field, Form, SecretField } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { Scan } from '../parts/scan.tsx'
import { Screen } from '../parts/screen.tsx'
import { goTo } from '../places.ts'
import { askingFor, PasswordBefore, type PasswordQuestion } from './password.tsx'

type Known = ResultOf<'devices'>['devices'][number]

/** Takes a lost device (or the kit) away: what it does, the kit, the secret code, and the locks are changed. */
export function RemoveDevice({ device, onDone }: { readonly device: Known; onDone(): void }) {
  const { words, link } = useApp()
  const { removing, devices, frame, signIn, activating, opening } = words
  const isKit = device.kind === 'kit'
  const [step, setStep] = useState<'why' | 'kit' | 'code'>('why')
  const [kit, setKit] = useState('')
  const [hasKit, setHasKit] = useState(!isKit)
  const [secretCode, setSecretCode] = useState('')
  const [asked, setAsked] = useState<PasswordQuestion | null>(null)
  const [removed, setRemoved] = useState<ResultOf<'removeDevice'> | null>(null)
  // Besides the one named: the kit's own slot is told of on its own.
  const others = removed === null ? 0 : removed.removed - 1 - (removed.kit || isKit ? 0 : 1)
  const cancel = { label: frame.cancel, onBack: () => goTo('devices') }
  if (removed !== null) {
    return (
      <Screen title={isKit ? removing.doneKit : removing.done}>
        {!removed.kit && !isKit && (
          <Notice kind="warning">
            <p>{removing.kitGone}</p>
          </Notice>
        )}
        {others > 0 && <p>{removing.alsoGone}</p>}
        <button
          type="button"
          class="primary"
          onClick={() => {
            onDone()
            goTo('devices')
          }}
        >
          {devices.title}
        </button>
      </Screen>
    )
  }
  if (step === 'why') {
    return (
      <Screen title={isKit ? removing.kitTitle : removing.title} back={cancel}>
        <ul>
          {(isKit ? removing.kitDoes : removing.does).map(text => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <button type="button" class="primary" onClick={() => setStep(isKit ? 'code' : 'kit')}>
          {frame.next}
        </button>
      </Screen>
    )
  }
  if (step === 'kit') {
    return (
      <Screen
        title={activating.kitTitle}
        lead={removing.kitLead}
        back={{ label: frame.back, onBack: () => setStep('why') }}
      >
        <Form
          send={frame.next}
          busy={frame.wait}
          onSend={async () => {
            await link.call('checkKit', { kit })
            setHasKit(true)
            setStep('code')
          }}
        >
          <Scan
            onText={async text => {
              await link.call('checkKit', { kit: text })
              setKit(text)
              setHasKit(true)
              setStep('code')
            }}
          />
          <Field label={activating.kit} hint={opening.codeHint} value={kit} code onValue={setKit} />
        </Form>
        <button
          type="button"
          class="plain"
          onClick={() => {
            setHasKit(false)
            setStep('code')
          }}
        >
          {removing.noKit}
        </button>
      </Screen>
    )
  }
  return (
    <PasswordBefore asked={asked} send={removing.send} busy={removing.busy} onBack={() => setAsked(null)}>
      <Screen
        title={removing.codeTitle}
        lead={removing.codeLead}
        back={{ label: frame.back, onBack: () => setStep(isKit ? 'why' : 'kit') }}
      >
        {!hasKit && !isKit && (
          <Notice kind="warning">
            <p>{removing.withoutKit}</p>
          </Notice>
        )}
        <Form
          look="danger"
          send={frame.next}
          busy={signIn.busy}
          onSend={async () => {
            const input = { device: device.slotId, kit: hasKit && !isKit ? kit : null, secretCode }
            setRemoved(await link.call('removeDevice', input, askingFor(setAsked)))
          }}
        >
          <SecretField label={signIn.secretCode} value={secretCode} onValue={setSecretCode} />
        </Form>
      </Screen>
    </PasswordBefore>
  )
}
