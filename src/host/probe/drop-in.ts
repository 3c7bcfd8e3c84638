import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of all services: systemd reads it once, and from then on the file that it names before each start. */
const NAME = '90-crashmon.conf';

/** The drop-in by which systemd gives a service what `crashmon agent` has written for its next start. */
export class DropIn {
  readonly #folder: string;
  readonly #environments: string;

  /** @param units where systemd reads units that a restart of the host removes: `/run/systemd/system` */
  constructor(units: string, environments: string) {
    this.#folder = join(units, 'service.d');
    this.#environments = environments;
  }

  get exists(): boolean {
    return existsSync(join(this.#folder, NAME));
  }

  /** systemd has to be reloaded afterwards. @throws if it cannot be written */
  write(): void {
    const lines = [
      '# Of crashmon agent, which removes it when it ends: man crashmon-agent.',
      '# A service without a file of this name is started as ever.',
      '[Service]',
      `EnvironmentFile=-${this.#environments}/%n.env`,
    ];
    mkdirSync(this.#folder, { recursive: true, mode: 0o755 });
    writeFileSync(join(this.#folder, NAME), `${lines.join('\n')}\n`, { mode: 0o644 });
  }

  /** @returns was it there? Then systemd has to be reloaded */
  remove(): boolean {
    const wasThere = this.exists;
    rmSync(join(this.#folder, NAME), { force: true });
    try {
      rmdirSync(this.#folder);
    } catch {
      // There are others in it, or it was never made.
    }
    return wasThere;
  }
}
