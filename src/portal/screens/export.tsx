import { useEffect, useMemo, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { sizeOf } from '../dates.ts'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { useBusy } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'
import type { Archive } from '../worker/export.ts'

/** Takes everything along: archives that are made on this device. */
export function Export() {
  const { words, link } = useApp()
  const { exporting: said, settings } = words
  return (
    <Screen title={said.title} lead={said.lead} back={{ label: settings.back, onBack: () => goTo('settings') }}>
      <Notice kind="warning" title={said.careTitle}>
        <p>{said.care}</p>
      </Notice>
      <section>
        <h2>{said.documents}</h2>
        <p>{said.documentsText}</p>
        <Make
          start={said.documentsStart}
          make={async onProgress => {
            const archive = await link.call('exportDocuments', null, { onProgress })
            const { documents, left } = archive
            return { archive, said: said.documentsMade(documents), warning: left === 0 ? null : said.left(left) }
          }}
        />
      </section>
      <section>
        <h2>{said.trace}</h2>
        <p>{said.traceText}</p>
        <Make
          start={said.traceStart}
          make={async () => ({ archive: await link.call('exportTrace', null), said: said.traceMade, warning: null })}
        />
      </section>
    </Screen>
  )
}

interface Made {
  readonly archive: Archive
  readonly said: string
  readonly warning: string | null
}

function Make(props: {
  readonly start: string
  make(onProgress: (done: number, total: number) => void): Promise<Made>
}) {
  const { words, language } = useApp()
  const { exporting: said } = words
  const { busy, trouble, run } = useBusy()
  const [made, setMade] = useState<Made | null>(null)
  const [progress, setProgress] = useState<readonly [done: number, total: number] | null>(null)
  const make = () =>
    void run(async () => {
      setMade(null)
      setMade(await props.make((done, total) => setProgress([done, total])))
    })
  const url = useMemo(() => (made === null ? '' : URL.createObjectURL(made.archive.blob)), [made])
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  if (trouble !== null) return <TroubleBox trouble={trouble} onAgain={make} />
  if (busy) return <Waiting>{progress === null ? said.making : said.progress(...progress)}</Waiting>
  if (made === null) {
    return (
      <button type="button" onClick={make}>
        {props.start}
      </button>
    )
  }
  return (
    <>
      <p role="status">{made.said}</p>
      {made.warning !== null && (
        <Notice kind="danger">
          <p>{made.warning}</p>
        </Notice>
      )}
      <p>
        <a class="button" href={url} download={made.archive.fileName}>
          {said.save} ({sizeOf(made.archive.blob.size, language)})
        </a>
      </p>
    </>
  )
}
