import { useApp } from '../context.ts'
import { Field } from './form.tsx'

/** Where codes go: by mail, or by SMS. */
export interface TypedContact {
  readonly kind: 'mail' | 'telephone'
  readonly address: string
}

const KINDS = ['mail', 'telephone'] as const

/** Asks for one of the two; each keeps what was typed only as long as it is the one chosen. */
export function ContactField(props: {
  readonly value: TypedContact
  readonly isNew?: boolean
  onValue(value: TypedContact): void
}) {
  const { contactField: said } = useApp().words
  const { value, isNew, onValue } = props
  const isMail = value.kind === 'mail'
  const labels = isNew ? said.newLabels : said.labels
  return (
    <>
      <fieldset class="terms">
        <legend>{said.how}</legend>
        {KINDS.map(kind => (
          <label class="check" key={kind}>
            <input
              type="radio"
              name="contact-kind"
              checked={value.kind === kind}
              onChange={() => onValue({ kind, address: '' })}
            />
            {said.kinds[kind]}
          </label>
        ))}
      </fieldset>
      <Field
        key={value.kind}
        label={labels[value.kind]}
        {...(isMail ? {} : { hint: said.telephoneHint })}
        type={isMail ? 'email' : 'tel'}
        autocomplete={isMail ? 'email' : 'tel'}
        value={value.address}
        onValue={address => onValue({ kind: value.kind, address })}
      />
    </>
  )
}
