import { type FieldProblems, Problems } from './field-problems.ts';

export interface NewAccount {
  username: string;
  email: string;
  password?: string | undefined;
  externalId?: string | undefined;
}

export interface PasswordRule {
  /** Is the password one of the 10 000 commonest? */
  isCommon: (password: string) => boolean;
  /** The folding under which usernames are unique. */
  fold: (text: string) => string;
}

export function checkAccount(account: NewAccount, rule: PasswordRule): FieldProblems {
  const problems = new Problems();
  // As long as an e-mail address, which many take for it.
  problems.requiredText('username', account.username, 254);
  if (/^\s|\s$/.test(account.username) && account.username.trim() !== '') {
    problems.add('username', 'A username neither begins nor ends with white space.');
  }
  problems.requiredText('email', account.email, 254);
  if (account.email.trim() !== '' && !isEmail(account.email))
    problems.add('email', 'Enter a valid email address.');
  problems.externalId(account.externalId);
  if (account.password !== undefined) {
    for (const message of checkPassword(account.password, account.username, rule))
      problems.add('password', message);
  }
  return problems.byField;
}

export function checkExternalId(externalId: string | undefined): FieldProblems {
  const problems = new Problems();
  problems.externalId(externalId);
  return problems.byField;
}

export function checkPassword(password: string, username: string, rule: PasswordRule): string[] {
  const length = [...password].length;
  const messages: string[] = [];
  if (length < 10) messages.push('This password is too short. It must contain at least 10 characters.');
  if (length > 1000) messages.push('This password is too long. It must contain at most 1000 characters.');
  if (username !== '' && rule.fold(password) === rule.fold(username))
    messages.push('The password is the username.');
  if (rule.isCommon(password)) messages.push('This password is too common.');
  return messages;
}

export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const labels = text.slice(at + 1).split('.');
  return (
    at > 0 &&
    local.length <= 64 &&
    /^[^\s@"(),:;<>[\\\]]+$/.test(local) &&
    !/^\.|\.$|\.\./.test(local) &&
    labels.length >= 2 &&
    labels.every((label) => /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label))
  );
}
