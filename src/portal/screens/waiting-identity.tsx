import { useState } from 'preact/hooks'
import type { ResultOf } from '../calls.ts'
import { useApp } from '../context.ts'
import { Field, Form } from '../parts/form.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Qr } from '../parts/qr.tsx'
import { Scan } from '../parts/scan.tsx'
import { Screen } from '../parts/screen.tsx'
import { useLoaded } from '../parts/use-busy.ts'

/** A new identity waits: what to show to the doctor, how long it takes, and bringing it in with the new kit. */
export function WaitingIdentity(props: {
  onRecovered(): void
  /** To the activation letter. */
  onActivate(): void
  /** A device of before opens the record after all. */
  onSignIn(): void
}) {
  const { words, link } = useApp()
  const { reopening, activating, opening, frame } = words
  const [isReady, setReady] = useState(false)
  const [kit, setKit] = useState('')
  const [done, setDone] = useState<ResultOf<'recover'> | null>(null)
  const loaded = useLoaded(() => link.call('waiting', null))
  if (done !== null) return <Recovered done={done} onActivate={props.onActivate} />
  if (isReady) {
    return (
      <Screen
        title={activating.kitTitle}
        lead={reopening.kitLead}
        back={{ label: frame.back, onBack: () => setReady(false) }}
      >
        <Form
          send={reopening.recover}
          busy={reopening.recoverBusy}
          onSend={async () => {
            await link.call('checkKit', { kit })
            setDone(await link.call('recover', { kit }))
            props.onRecovered()
          }}
        >
          <Scan
            onText={async text => {
              await link.call('checkKit', { kit: text })
              setKit(text)
            }}
          />
          <Field label={activating.kit} hint={opening.codeHint} value={kit} code onValue={setKit} />
        </Form>
      </Screen>
    )
  }
  const { value, trouble, busy, reload } = loaded
  return (
    <Screen title={reopening.waitTitle} lead={reopening.waitLead}>
      {trouble && <TroubleBox trouble={trouble} onAgain={reload} />}
      {value === null && busy && <Waiting>{frame.wait}</Waiting>}
      {value?.fingerprint != null && (
        <>
          <h2>{reopening.doctorTitle}</h2>
          <p>{reopening.doctor}</p>
          <div class="shown-qr">
            <Qr qr={value.fingerprint.qr} alt={reopening.fingerprintAlt} />
          </div>
          <p class="code big">
            {value.fingerprint.text.split(' ').map((group, i) => (
              <span class="group" key={`${i}`}>
                {group}
              </span>
            ))}
          </p>
          <p class="hint">{reopening.notSecret}</p>
          <h2>{reopening.hoursTitle}</h2>
          <p>{reopening.hours}</p>
          <h2>{reopening.endTitle}</h2>
          <p>{reopening.end}</p>
          <button type="button" class="primary" onClick={() => setReady(true)}>
            {reopening.ready}
          </button>
          {value.hasDevice && (
            <button type="button" class="plain" onClick={props.onSignIn}>
              {reopening.found}
            </button>
          )}
        </>
      )}
    </Screen>
  )
}

function Recovered({ done, onActivate }: { readonly done: ResultOf<'recover'>; onActivate(): void }) {
  const { reopening, kinds } = useApp().words
  const isMaskedAlone =
    done.lost === 1 && Object.keys(kinds).every(kind => kind === 'masked' || done.returned.includes(kind))
  return (
    <Screen title={reopening.doneTitle} lead={reopening.doneLead}>
      {done.returned.length > 0 && (
        <>
          <h2>{reopening.returned}</h2>
          <ul>
            {done.returned.map(kind => (
              <li key={kind}>{kinds[kind] ?? kind}</li>
            ))}
          </ul>
        </>
      )}
      {done.lost > 0 && (
        <Notice kind="warning">
          <p>{isMaskedAlone ? reopening.maskedLost : reopening.notReturned(done.lost)}</p>
        </Notice>
      )}
      <p>{reopening.activateText}</p>
      <button type="button" class="primary" onClick={onActivate}>
        {reopening.activate}
      </button>
    </Screen>
  )
}
