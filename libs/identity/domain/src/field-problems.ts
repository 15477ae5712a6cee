/** Problems by field; a field of an object in the body is named `athlete_profile.first_name`. */
export type FieldProblems = Record<string, string[]>;

export const required = 'This field is required.';

export class Problems {
  readonly byField: FieldProblems = {};

  add(field: string, message: string): void {
    (this.byField[field] ??= []).push(message);
  }

  text(field: string, text: string | undefined, maxLength: number): void {
    if (text === undefined) return;
    if ([...text].length > maxLength)
      this.add(field, `Ensure this field has no more than ${maxLength} characters.`);
    if (/[\u0000-\u001f\u007f]/.test(text)) this.add(field, 'Control characters are not allowed.');
  }

  requiredText(field: string, text: string, maxLength: number): void {
    if (text.trim() === '') this.add(field, required);
    else this.text(field, text, maxLength);
  }

  /** The account's own, which is unique. */
  externalId(text: string | undefined): void {
    if (text === undefined) return;
    if (text.trim() === '') this.add('external_id', 'This field may not be blank.');
    else this.text('external_id', text, 255);
  }
}
