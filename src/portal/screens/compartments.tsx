import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Field, Form } from '../parts/form.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { goTo } from '../places.ts'
import type { LoadedAccess } from './access.tsx'

/** The patient's own compartments, for those who want them: which there are, and a new one. */
export function Compartments({ loaded }: { readonly loaded: LoadedAccess }) {
  const { words, link } = useApp()
  const { compartments: said, settings, frame } = words
  const [name, setName] = useState('')
  const [made, setMade] = useState('')
  const { value, trouble, busy, reload } = loaded
  return (
    <Screen title={said.title} lead={said.lead} back={{ label: settings.back, onBack: () => goTo('settings') }}>
      {made !== '' && (
        <Notice kind="good">
          <p role="status">{said.made(made)}</p>
        </Notice>
      )}
      {trouble && <TroubleBox trouble={trouble} onAgain={reload} />}
      {value === null && busy && <Waiting>{frame.wait}</Waiting>}
      {value !== null && value.own.length > 0 && (
        <ul class="lines">
          {value.own.map(own => (
            <li key={own} class="line">
              <strong>{own}</strong>
            </li>
          ))}
        </ul>
      )}
      {value !== null && value.own.length === 0 && <p>{said.none}</p>}
      <h2>{said.newTitle}</h2>
      <Form
        send={said.send}
        busy={said.busy}
        onSend={async () => {
          await link.call('addCompartment', { name })
          setMade(name.trim())
          setName('')
          reload()
        }}
      >
        <Field label={said.name} hint={said.nameHint} value={name} onValue={setName} />
      </Form>
      <p class="hint">{said.after}</p>
    </Screen>
  )
}
