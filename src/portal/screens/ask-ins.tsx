import type { ComponentProps } from 'preact'
import { useApp } from '../context.ts'
import { Field, Form } from '../parts/form.tsx'
import { Screen } from '../parts/screen.tsx'

/** Whose record: the number on letters and kit, its check digits looked at here before anything else is asked. */
export function AskIns(
  props: Pick<ComponentProps<typeof Screen>, 'lead' | 'back'> & {
    readonly value: string
    onValue(value: string): void
    /** It is a number that there can be. */
    onRead(): void
  },
) {
  const { words, link } = useApp()
  const { opening, frame } = words
  const { value, onValue, onRead, ...screen } = props
  return (
    <Screen title={opening.insTitle} {...screen}>
      <Form
        send={frame.next}
        busy={frame.wait}
        onSend={async () => {
          await link.call('checkIns', { ins: value })
          onRead()
        }}
      >
        <Field label={opening.ins} value={value} code digits onValue={onValue} />
      </Form>
    </Screen>
  )
}
