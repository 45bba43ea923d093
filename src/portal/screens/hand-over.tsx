import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import type { Asked } from '../link.ts'
import { Form } from '../parts/form.tsx'
import { OpeningCode } from '../parts/opening-code.tsx'
import { Covered, Screen } from '../parts/screen.tsx'
import { useSensitive } from '../parts/sensitive.tsx'
import { goTo } from '../places.ts'
import { NewKit } from './new-kit.tsx'

/** Somebody may have read the keys: a new identity by a new letter, at once. Everybody is let in anew, this device too. */
export function HandOver({ onHandedOver }: { onHandedOver(): void }) {
  const { words, link } = useApp()
  const { handOver, opening, settings, frame } = words
  const { sensitively, cover } = useSensitive()
  const [hasLetter, setHasLetter] = useState(false)
  const [code, setCode] = useState('')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [isDone, setDone] = useState(false)
  const back = { label: settings.back, onBack: () => goTo('settings') }
  if (isDone) {
    return (
      <Screen title={handOver.doneTitle} lead={handOver.doneLead}>
        <button type="button" class="primary" onClick={onHandedOver}>
          {handOver.doneNext}
        </button>
      </Screen>
    )
  }
  if (!hasLetter) {
    return (
      <Screen title={handOver.title} lead={handOver.lead} back={back}>
        <ol>
          {handOver.needs.map(text => (
            <li key={text}>{text}</li>
          ))}
        </ol>
        <button type="button" class="primary" onClick={() => setHasLetter(true)}>
          {handOver.next}
        </button>
      </Screen>
    )
  }
  const isOfKit = asked?.name === 'kit' || asked?.name === 'kit-check'
  return (
    <Covered cover={isOfKit ? <NewKit asked={asked} /> : cover}>
      <Screen
        title={opening.codeTitle}
        lead={handOver.codeLead}
        back={{ label: frame.back, onBack: () => setHasLetter(false) }}
      >
        <Form
          send={frame.next}
          busy={handOver.busy}
          onSend={async () => {
            const read = await link.call('checkMailedCode', { code, purpose: 'opening' })
            await sensitively(() => link.call('handOver', { code: read.code }, { onAsk: setAsked })).finally(() =>
              setAsked(null),
            )
            setDone(true)
          }}
        >
          <OpeningCode value={code} onValue={setCode} />
        </Form>
      </Screen>
    </Covered>
  )
}
