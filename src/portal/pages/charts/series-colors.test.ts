import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

type Triple = [number, number, number];

const ASSETS = path.join(import.meta.dirname, '..', '..', 'assets');
const DARK = '@media (prefers-color-scheme: dark)';
/** WCAG 2.2, 1.4.11: what is needed to understand a graphic. */
const LEAST_CONTRAST = 3;
/** In CIE L*a*b*; a difference of about 2 is just visible side by side. */
const LEAST_DIFFERENCE = 15;

/** Linear RGB as people see it: Machado, Oliveira and Fernandes (2009), severity 1. */
const SIGHTS: Readonly<Record<string, readonly Triple[]>> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const [lightCharts = '', darkCharts = ''] = read('charts.css').split(DARK);
const [lightBase = '', darkBase = ''] = read('base.css').split(DARK);

for (const [scheme, charts, base] of [
  ['light', lightCharts, lightBase],
  ['dark', darkCharts, darkBase],
] as const) {
  const colors = [...charts.matchAll(/--(s\d): (#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => ({
    name,
    linear: linearOf(hex),
  }));
  const surface = linearOf(/--surface: (#[0-9a-f]{6});/.exec(base)?.[1] ?? '');

  test(`each series stands out from a card, ${scheme}`, () => {
    assert.equal(colors.length, 8);
    for (const { name, linear } of colors) {
      const [dark = 0, light = 0] = [luminance(linear), luminance(surface)].toSorted((a, b) => a - b);
      const contrast = (light + 0.05) / (dark + 0.05);
      assert.ok(contrast >= LEAST_CONTRAST, `${name}: ${contrast.toFixed(2)}`);
    }
  });

  test(`series are distinguishable with any color vision, ${scheme}`, () => {
    for (const [sight, matrix] of Object.entries(SIGHTS)) {
      const seen = colors.map(({ name, linear }) => ({ name, lab: labOf(times(matrix, linear)) }));
      for (const [at, one] of seen.entries()) {
        for (const other of seen.slice(at + 1)) {
          const difference = Math.hypot(...one.lab.map((value, axis) => value - (other.lab[axis] ?? 0)));
          const text = `${one.name} and ${other.name}, ${sight}: ${difference.toFixed(1)}`;
          assert.ok(difference >= LEAST_DIFFERENCE, text);
        }
      }
    }
  });
}

function read(name: string): string {
  return readFileSync(path.join(ASSETS, name), 'utf8');
}

function linearOf(hex: string): Triple {
  assert.match(hex, /^#[0-9a-f]{6}$/);
  const part = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

function times(matrix: readonly Triple[], [r, g, b]: Triple): Triple {
  const row = (at: number) => {
    const [x, y, z] = matrix[at] ?? [0, 0, 0];
    return Math.min(1, Math.max(0, x * r + y * g + z * b));
  };
  return [row(0), row(1), row(2)];
}

function luminance([r, g, b]: Triple): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function labOf(linear: Triple): Triple {
  const [r, g, b] = linear;
  const root = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = root(luminance(linear));
  const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
