/** Options that several commands share; declared once, so that they mean the same everywhere. */
import type { Option } from './command.ts';

/** Where metadata, deep storage and caches are. */
export const dataDirOption: Option = {
  type: 'text',
  placeholder: 'DIR',
  description: 'Directory of metadata and segments.',
  default: 'data',
  isSetting: true,
};

/** As `dataDirOption`, for commands that ask a server unless a directory is named. */
export const optionalDataDirOption: Option = {
  type: 'text',
  placeholder: 'DIR',
  description: 'Read the metadata store of this directory.',
  isSetting: true,
};

/** The query service to ask. */
export const urlOption: Option = {
  type: 'text',
  placeholder: 'URL',
  description: 'Address of the query service.',
  default: 'http://127.0.0.1:8888',
  isSetting: true,
};

/** Names a configuration file other than ./isotherm.json. */
export const configOption: Option = {
  type: 'text',
  placeholder: 'FILE',
  description: 'Settings file instead of ./isotherm.json.',
};

/** Machine output. */
export const jsonOption: Option = { type: 'switch', description: 'Print JSON.' };
