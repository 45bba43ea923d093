import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import type { Asked } from '../link.ts'
import { Form } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { OpeningCode } from '../parts/opening-code.tsx'
import { Screen } from '../parts/screen.tsx'
import { AskIns } from './ask-ins.tsx'
import { NewKit } from './new-kit.tsx'

type Step = 'ins' | 'code' | 'done'

/** Opening with the first letter: its two numbers, the kit printed and checked, and the record is open. */
export function Opening(props: { readonly isResumed: boolean; onBack(): void; onOpened(): void }) {
  const { words, link } = useApp()
  const { opening, frame } = words
  const [step, setStep] = useState<Step>(props.isResumed ? 'code' : 'ins')
  const [ins, setIns] = useState('')
  const [code, setCode] = useState('')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [done, setDone] = useState<{ fingerprint: string; resumed: boolean } | null>(null)

  const open = async (code: string) => {
    try {
      setDone(await link.call('open', { ins, code }, { onAsk: setAsked }))
      props.onOpened()
    } finally {
      setAsked(null)
    }
  }
  if (done !== null) {
    return (
      <Screen title={opening.doneTitle} lead={opening.doneLead}>
        {done.resumed && <p>{opening.doneResumed}</p>}
        <p>{opening.doneNext}</p>
        <Notice kind="info" title={opening.fingerprint}>
          <p class="code">{done.fingerprint}</p>
          <p>{opening.fingerprintHint}</p>
        </Notice>
        <button type="button" onClick={props.onBack}>
          {frame.home}
        </button>
      </Screen>
    )
  }
  if (asked?.name === 'kit' || asked?.name === 'kit-check') return <NewKit asked={asked} />
  if (props.isResumed) {
    return (
      <Screen title={words.welcome.resumeTitle} back={{ label: frame.back, onBack: props.onBack }}>
        <Form send={words.welcome.resume} busy={opening.resumeBusy} onSend={() => open('')}>
          <p>{words.welcome.resumeLead}</p>
        </Form>
      </Screen>
    )
  }
  if (step === 'ins') {
    return (
      <AskIns
        lead={opening.insLead}
        back={{ label: frame.back, onBack: props.onBack }}
        value={ins}
        onValue={setIns}
        onRead={() => setStep('code')}
      />
    )
  }
  return (
    <Screen
      title={opening.codeTitle}
      lead={opening.codeLead}
      back={{ label: frame.back, onBack: () => setStep('ins') }}
    >
      <Form
        send={frame.next}
        busy={opening.codeBusy}
        onSend={async () => open((await link.call('checkMailedCode', { code, purpose: 'opening' })).code)}
      >
        <OpeningCode value={code} onValue={setCode} />
      </Form>
    </Screen>
  )
}
