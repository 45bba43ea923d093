import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import type { Asked } from '../link.ts'
import { Field, Form } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { KitSheets } from './kit-sheets.tsx'

type Printing = Extract<Asked, { name: 'kit' }>
type Checking = Extract<Asked, { name: 'kit-check' }>

/** A recovery kit that an act has made: printed or copied, then asked back in part. */
export function NewKit({ asked }: { readonly asked: Printing | Checking }) {
  if (asked.name === 'kit') return <PrintKit asked={asked} />
  return <CheckKit key={String(asked.detail.isAgain)} asked={asked} />
}

function PrintKit({ asked }: { readonly asked: Printing }) {
  const { opening } = useApp().words
  const [isByHand, setByHand] = useState(false)
  const [hasPrinted, setPrinted] = useState(false)
  return (
    <>
      <Screen title={opening.kitTitle} lead={opening.kitLead}>
        <div class="row">
          <button
            type="button"
            class={hasPrinted ? undefined : 'primary'}
            onClick={() => {
              setPrinted(true)
              print()
            }}
          >
            {opening.kitPrint}
          </button>
          <button type="button" class="plain" onClick={() => setByHand(true)}>
            {opening.kitNoPrinter}
          </button>
        </div>
        <Notice kind="warning">
          <p>{opening.kitPrivacy}</p>
        </Notice>
        {isByHand && (
          <section class="by-hand">
            <p>{opening.kitNoPrinterText}</p>
            <p class="code big">
              {asked.detail.secretText.split('-').map((group, i) => (
                <span class="group" key={`${i}`}>
                  {group}
                </span>
              ))}
            </p>
            <p class="code">{asked.detail.ins}</p>
          </section>
        )}
        {(hasPrinted || isByHand) && (
          <button type="button" class="primary" onClick={() => asked.answer(null)}>
            {opening.kitDone}
          </button>
        )}
      </Screen>
      <KitSheets kit={asked.detail} />
    </>
  )
}

function CheckKit({ asked }: { readonly asked: Checking }) {
  const { opening, frame } = useApp().words
  const { groups, isAgain } = asked.detail
  const [answers, setAnswers] = useState<readonly string[]>(() => groups.map(() => ''))
  const [isSent, setSent] = useState(false)
  useEffect(() => setSent(false), [asked])
  return (
    <Screen title={opening.checkTitle} lead={opening.checkLead}>
      {isAgain && !isSent && (
        <Notice kind="warning">
          <p role="alert">{opening.checkAgain}</p>
        </Notice>
      )}
      <Form
        send={frame.next}
        busy={opening.checkBusy}
        onSend={async () => {
          setSent(true)
          asked.answer([...answers])
          await new Promise(() => undefined) // the screen goes when the act does
        }}
      >
        {groups.map((number, i) => (
          <Field
            key={number}
            label={opening.checkGroup(number)}
            code
            value={answers[i] ?? ''}
            onValue={value => setAnswers(answers.map((old, at) => (at === i ? value : old)))}
          />
        ))}
      </Form>
    </Screen>
  )
}
