import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Field, Form } from '../parts/form.tsx'
import { Scan } from '../parts/scan.tsx'
import { Covered, Screen } from '../parts/screen.tsx'
import { useSensitive } from '../parts/sensitive.tsx'
import { goTo } from '../places.ts'

/** On a device that opens the record: lets in a new one that shows its square. */
export function WelcomeDevice() {
  const { words, link } = useApp()
  const { welcoming, devices, frame } = words
  const [text, setText] = useState('')
  const [isIn, setIn] = useState(false)
  const { sensitively, cover } = useSensitive()
  const back = { label: frame.back, onBack: () => goTo('devices') }
  if (isIn) {
    return (
      <Screen title={welcoming.doneTitle} lead={welcoming.doneLead}>
        <button type="button" class="primary" onClick={() => goTo('devices')}>
          {devices.title}
        </button>
      </Screen>
    )
  }
  return (
    <Covered cover={cover}>
      <Screen title={welcoming.title} lead={welcoming.lead} back={back}>
        <ol>
          {welcoming.steps.map(step => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <Form
          send={welcoming.send}
          busy={welcoming.busy}
          onSend={async () => {
            await sensitively(() => link.call('welcome', { text }))
            setIn(true)
          }}
        >
          <Scan
            onText={async scanned => {
              if (!scanned.startsWith('coffre-device:')) throw new TypeError('Another square')
              setText(scanned)
            }}
          />
          <Field label={welcoming.code} hint={welcoming.codeHint} value={text} onValue={setText} />
          <p class="hint">{welcoming.onlyYours}</p>
        </Form>
      </Screen>
    </Covered>
  )
}
