// The tree in block style, with every way of writing a text that people use.
import type { Dice } from '../dice.ts'
import type { Tree } from './tree.ts'

export function writeYaml(tree: Tree, dice: Dice): string {
  return `${block(tree, '', dice)}\n`
}

function block(tree: Tree, margin: string, dice: Dice): string {
  if (Array.isArray(tree)) {
    const list = tree as readonly Tree[]
    return list.map((one) => `${margin}-${after(one, margin, dice)}`).join('\n')
  }
  return Object.entries(tree as Readonly<Record<string, Tree>>)
    .map(([key, value]) => `${margin}${key}:${after(value, margin, dice)}`)
    .join('\n')
}

function after(value: Tree, margin: string, dice: Dice): string {
  if (typeof value !== 'object') return ` ${scalar(value, `${margin}  `, dice)}`
  if (Object.keys(value).length === 0) return Array.isArray(value) ? ' []' : ' {}'
  return `\n${block(value, `${margin}  `, dice)}`
}

function scalar(value: string | number | boolean, margin: string, dice: Dice): string {
  if (typeof value !== 'string') return String(value)
  // A word that YAML 1.1 takes for nothing else.
  if (/^[A-Za-z][\w ]*\w$/.test(value) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(value) && dice.chance(0.7))
    return value
  if (/^[\x20-\x7e]+$/.test(value) && dice.chance(0.3)) return `'${value.replaceAll("'", "''")}'`
  // A line that begins or ends with blanks, or an empty one at an end, would be read differently in a block.
  const plainLines = /\n/.test(value) && value.split('\n').every((line) => /^\S(?:.*\S)?$/.test(line))
  if (plainLines && dice.chance(0.8))
    return `|-\n${value
      .split('\n')
      .map((line) => `${margin}${line}`)
      .join('\n')}`
  return JSON.stringify(value)
}
