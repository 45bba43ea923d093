import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { ContactField, type TypedContact } from '../parts/contact-field.tsx'
import { Form } from '../parts/form.tsx'
import { Covered, Screen } from '../parts/screen.tsx'
import { useSensitive } from '../parts/sensitive.tsx'
import { goTo } from '../places.ts'
import { askingFor, PasswordBefore, type PasswordQuestion } from './password.tsx'

/** Another address or telephone for codes and notices: proved by a code that goes there; the one before is told and has a day. */
export function Contact() {
  const { words, link } = useApp()
  const { contact, settings, activating, frame } = words
  const [given, setGiven] = useState<TypedContact>({ kind: 'mail', address: '' })
  const [asked, setAsked] = useState<PasswordQuestion | null>(null)
  const [isDone, setDone] = useState(false)
  const { sensitively, cover } = useSensitive()
  const back = { label: settings.back, onBack: () => goTo('settings') }
  if (isDone) {
    return (
      <Screen title={contact.doneTitle} lead={contact.doneLead}>
        <button type="button" class="primary" onClick={() => goTo('')}>
          {frame.home}
        </button>
      </Screen>
    )
  }
  return (
    <Covered cover={cover}>
      <PasswordBefore asked={asked} send={contact.passwordSend} busy={contact.busy} onBack={() => setAsked(null)}>
        <Screen title={contact.title} lead={contact.lead} back={back}>
          <ul>
            {contact.rules.map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
          <Form
            send={frame.next}
            busy={activating.contactBusy}
            onSend={async () => {
              await sensitively(() => link.call('changeContact', { contact: given }, askingFor(setAsked)))
              setDone(true)
            }}
          >
            <ContactField isNew value={given} onValue={setGiven} />
          </Form>
        </Screen>
      </PasswordBefore>
    </Covered>
  )
}
