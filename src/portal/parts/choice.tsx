/** A large button of a list of choices: what it does, and a line more. */
export function Choice(props: {
  readonly title: string
  readonly text: string
  readonly badge?: string | null
  onChoose(): void
}) {
  return (
    <li>
      <button type="button" class="choice" onClick={props.onChoose}>
        <span class="choice-title">{props.title}</span>
        <span class="choice-text">{props.text}</span>
        {props.badge && <span class="badge">{props.badge}</span>}
      </button>
    </li>
  )
}
