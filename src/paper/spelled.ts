/** A code as a screen reader says it, symbol by symbol, with a pause between groups: `7QX2M-9KT4B` → `7 Q X 2 M, 9 K T 4 B`. */
export function spelled(code: string): string {
  const groups = code.split(/[ -]+/).map(group => [...group].join(' '))
  return groups.join(', ')
}
