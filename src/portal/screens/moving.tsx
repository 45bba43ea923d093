import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Form } from '../parts/form.tsx'
import { Screen } from '../parts/screen.tsx'
import type { DocumentLine } from '../worker/documents.ts'

/** Into which of the patient's own categories, or out of them: back to that of its kind. */
export function Moving(props: {
  readonly line: DocumentLine
  readonly own: readonly string[]
  onBack(): void
  onDone(): void
}) {
  const { words, link } = useApp()
  const { compartments: said, kinds, frame } = words
  const { line, own, onBack, onDone } = props
  const places = [...own, line.sort].filter((each, i, all) => each !== line.kind && all.indexOf(each) === i)
  const [to, setTo] = useState(places[0] ?? '')
  return (
    <Screen title={said.moveTitle} lead={line.title} back={{ label: frame.cancel, onBack }}>
      <Form
        send={said.moveSend}
        busy={said.moveBusy}
        onSend={async () => {
          await link.call('move', { id: line.id, to })
          onDone()
        }}
      >
        <fieldset class="terms">
          <legend class="visually-hidden">{said.moveTitle}</legend>
          {places.map(each => (
            <label class="check" key={each}>
              <input type="radio" name="to" checked={to === each} onChange={() => setTo(each)} />
              {kinds[each] ?? each}
            </label>
          ))}
        </fieldset>
        <p>{said.moveLead}</p>
      </Form>
    </Screen>
  )
}
