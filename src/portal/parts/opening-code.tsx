import { useApp } from '../context.ts'
import { Field } from './form.tsx'
import { Scan } from './scan.tsx'

/** The code of an opening letter: scanned, or typed. */
export function OpeningCode({ value, onValue }: { readonly value: string; onValue(value: string): void }) {
  const { words, link } = useApp()
  const { opening } = words
  return (
    <>
      <Scan
        onText={async text => onValue((await link.call('checkMailedCode', { code: text, purpose: 'opening' })).code)}
      />
      <Field label={opening.code} hint={opening.codeHint} value={value} code onValue={onValue} />
    </>
  )
}
