import { Qr } from '../parts/qr.tsx'
import type { KitToPrint } from '../talk.ts'

/** The kit as paper: shown by the printer's style alone, never on the screen. The key itself is on the first sheet. */
export function KitSheets({ kit }: { readonly kit: KitToPrint }) {
  return (
    <div class="sheets" aria-hidden="true">
      {kit.sheets.map((sheet, i) => (
        <article class="sheet" lang={sheet.lang} key={sheet.lang}>
          <h1>{sheet.title}</h1>
          <p>{sheet.lead}</p>
          {i === 0 && (
            <div class="sheet-key">
              <div>
                <h2>{sheet.secretLabel}</h2>
                <p class="code big">
                  {kit.secretText.split('-').map((group, at) => (
                    <span class="group" key={`${at}`}>
                      {group}
                    </span>
                  ))}
                </p>
                <h2>{sheet.insLabel}</h2>
                <p class="code">{kit.ins}</p>
                <h2>{sheet.fingerprintLabel}</h2>
                <p class="code">{kit.fingerprint}</p>
              </div>
              <Qr qr={kit.qr} alt={sheet.qrAlt} />
            </div>
          )}
          {sheet.sections.map(({ title, texts }) => (
            <section key={title}>
              <h2>{title}</h2>
              {texts.map(text => (
                <p key={text}>{text}</p>
              ))}
            </section>
          ))}
          <p class="small">{sheet.madeOn}</p>
        </article>
      ))}
    </div>
  )
}
