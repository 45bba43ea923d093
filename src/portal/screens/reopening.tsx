import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import type { Asked } from '../link.ts'
import { Form } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { OpeningCode } from '../parts/opening-code.tsx'
import { Screen } from '../parts/screen.tsx'
import { AskIns } from './ask-ins.tsx'
import { NewKit } from './new-kit.tsx'

type Step = 'needs' | 'ins' | 'code'

/** Kit and devices are lost: a new letter proposes a new identity, and a new kit is made. It waits then (`WaitingIdentity`). */
export function Reopening(props: { onBack(): void; onProposed(): void }) {
  const { words, link } = useApp()
  const { reopening, opening, frame } = words
  const [step, setStep] = useState<Step>('needs')
  const [ins, setIns] = useState('')
  const [code, setCode] = useState('')
  const [asked, setAsked] = useState<Asked | null>(null)
  if (asked?.name === 'kit' || asked?.name === 'kit-check') return <NewKit asked={asked} />
  switch (step) {
    case 'needs':
      return (
        <Screen title={reopening.title} lead={reopening.lead} back={{ label: frame.back, onBack: props.onBack }}>
          <ol>
            {reopening.needs.map(text => (
              <li key={text}>{text}</li>
            ))}
          </ol>
          <Notice kind="warning" title={reopening.lostTitle}>
            <p>{reopening.lost}</p>
          </Notice>
          <button type="button" class="primary" onClick={() => setStep('ins')}>
            {reopening.next}
          </button>
        </Screen>
      )
    case 'ins':
      return (
        <AskIns
          lead={reopening.insLead}
          back={{ label: frame.back, onBack: () => setStep('needs') }}
          value={ins}
          onValue={setIns}
          onRead={() => setStep('code')}
        />
      )
    case 'code':
      return (
        <Screen
          key={step}
          title={opening.codeTitle}
          lead={reopening.codeLead}
          back={{ label: frame.back, onBack: () => setStep('ins') }}
        >
          <Form
            send={frame.next}
            busy={reopening.busy}
            onSend={async () => {
              const read = await link.call('checkMailedCode', { code, purpose: 'opening' })
              await link.call('reopen', { ins, code: read.code }, { onAsk: setAsked }).finally(() => setAsked(null))
              props.onProposed()
            }}
          >
            <OpeningCode value={code} onValue={setCode} />
          </Form>
        </Screen>
      )
  }
}
