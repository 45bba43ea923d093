import { useApp } from '../context.ts'

/** Who somebody is, as the card says; to be compared with the person. */
export function HolderFacts(props: {
  readonly name: string
  readonly profession: string | null
  readonly nationalId: string
  readonly acting?: string | null
}) {
  const { rights, access } = useApp().words
  const { name, profession, nationalId, acting } = props
  // RPPS numbers are printed without the 8 that says what they are.
  const number = /^8\d{11}$/.test(nationalId) ? nationalId.slice(1) : nationalId
  return (
    <>
      <dl class="facts card">
        <dt>{rights.name}</dt>
        <dd>
          <strong>{name}</strong>
        </dd>
        <dt>{rights.profession}</dt>
        <dd>{profession ?? rights.establishment}</dd>
        <dt>{rights.number}</dt>
        <dd class="code">{number}</dd>
      </dl>
      {acting && (
        <p>
          {access.actingFor} {acting}
        </p>
      )}
      <p class="hint">{rights.fromCard}</p>
    </>
  )
}
