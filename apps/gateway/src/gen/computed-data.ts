// Generated from libs/metrics by `npm run openapi:generate`.
import type { fromJSONSchema } from 'zod';

export const computedDataSchema: Parameters<typeof fromJSONSchema>[0] = {
  "type": "object",
  "properties": {
    "first_timestamp": {
      "type": [
        "integer",
        "null"
      ],
      "description": "Time of the first gnss sample, in ms"
    },
    "last_timestamp": {
      "type": [
        "integer",
        "null"
      ],
      "description": "Time of the last gnss sample, in ms"
    },
    "last_computation": {
      "type": [
        "integer",
        "null"
      ],
      "description": "Log time of the newest event in the input, in ms"
    },
    "total_distance": {
      "type": "number",
      "description": "Total distance, in m"
    },
    "max_speed": {
      "type": "number",
      "description": "Greatest speed, in m/s"
    },
    "average_speed": {
      "type": "number",
      "description": "Total distance by covered time, in m/s"
    },
    "time_per_speed_ranges": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "threshold_low": {
            "type": "number",
            "description": "Lower edge of the speed range, in m/s"
          },
          "threshold_high": {
            "type": [
              "number",
              "null"
            ],
            "description": "Upper edge of the speed range, null when open, in m/s"
          },
          "duration": {
            "type": "number",
            "description": "Time in the speed range, in s"
          },
          "ratio": {
            "type": "number",
            "description": "Share of the duration"
          }
        },
        "required": [
          "threshold_low",
          "threshold_high",
          "duration",
          "ratio"
        ],
        "additionalProperties": false
      }
    },
    "distance_per_speed_ranges": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "threshold_low": {
            "type": "number",
            "description": "Lower edge of the speed range, in m/s"
          },
          "threshold_high": {
            "type": [
              "number",
              "null"
            ],
            "description": "Upper edge of the speed range, null when open, in m/s"
          },
          "distance": {
            "type": "number",
            "description": "Distance in the speed range, in m"
          },
          "ratio": {
            "type": "number",
            "description": "Share of the distance"
          }
        },
        "required": [
          "threshold_low",
          "threshold_high",
          "distance",
          "ratio"
        ],
        "additionalProperties": false
      }
    },
    "intensity": {
      "type": "object",
      "properties": {
        "distance": {
          "type": "array",
          "items": {
            "type": "number",
            "description": "Distance in the slot, in m"
          }
        },
        "start_time": {
          "type": "integer",
          "description": "Start of the window, in ms"
        },
        "span": {
          "type": "number",
          "description": "Length of a slot, in s"
        },
        "end_time": {
          "type": "integer",
          "description": "End of the window, in ms"
        }
      },
      "required": [
        "distance",
        "start_time",
        "span",
        "end_time"
      ],
      "additionalProperties": false
    },
    "hid": {
      "type": "object",
      "properties": {
        "threshold_1": {
          "$ref": "#/$defs/HidEfforts"
        },
        "threshold_2": {
          "$ref": "#/$defs/HidEfforts"
        },
        "threshold_3": {
          "$ref": "#/$defs/HidEfforts"
        },
        "threshold_4": {
          "$ref": "#/$defs/HidEfforts"
        },
        "threshold_5": {
          "$ref": "#/$defs/HidEfforts"
        }
      },
      "required": [
        "threshold_1"
      ],
      "additionalProperties": false
    },
    "sprint": {
      "type": "object",
      "properties": {
        "threshold_1": {
          "$ref": "#/$defs/SprintEfforts"
        },
        "threshold_2": {
          "$ref": "#/$defs/SprintEfforts"
        },
        "threshold_3": {
          "$ref": "#/$defs/SprintEfforts"
        },
        "threshold_4": {
          "$ref": "#/$defs/SprintEfforts"
        },
        "threshold_5": {
          "$ref": "#/$defs/SprintEfforts"
        }
      },
      "required": [
        "threshold_1"
      ],
      "additionalProperties": false
    },
    "accelerations": {
      "type": "object",
      "properties": {
        "threshold_1": {
          "$ref": "#/$defs/AccelerationsEfforts"
        },
        "threshold_2": {
          "$ref": "#/$defs/AccelerationsEfforts"
        },
        "threshold_3": {
          "$ref": "#/$defs/AccelerationsEfforts"
        },
        "threshold_4": {
          "$ref": "#/$defs/AccelerationsEfforts"
        },
        "threshold_5": {
          "$ref": "#/$defs/AccelerationsEfforts"
        }
      },
      "required": [
        "threshold_1"
      ],
      "additionalProperties": false
    },
    "decelerations": {
      "type": "object",
      "properties": {
        "threshold_1": {
          "$ref": "#/$defs/DecelerationsEfforts"
        },
        "threshold_2": {
          "$ref": "#/$defs/DecelerationsEfforts"
        },
        "threshold_3": {
          "$ref": "#/$defs/DecelerationsEfforts"
        },
        "threshold_4": {
          "$ref": "#/$defs/DecelerationsEfforts"
        },
        "threshold_5": {
          "$ref": "#/$defs/DecelerationsEfforts"
        }
      },
      "required": [
        "threshold_1"
      ],
      "additionalProperties": false
    },
    "athlete_max_hr": {
      "type": [
        "number",
        "null"
      ],
      "description": "Maximum heart rate of the athlete, set or by age, in bpm"
    },
    "hr_max": {
      "type": "number",
      "description": "Greatest heart rate, in bpm"
    },
    "hr_min": {
      "type": "number",
      "description": "Least heart rate, in bpm"
    },
    "hr_avg": {
      "type": "number",
      "description": "Mean heart rate, in bpm"
    },
    "hr_plot": {
      "anyOf": [
        {
          "type": "object",
          "properties": {
            "hr": {
              "type": "array",
              "items": {
                "type": [
                  "number",
                  "null"
                ],
                "description": "Mean heart rate in the slot, null when empty, in bpm"
              }
            },
            "start_time": {
              "type": "integer",
              "description": "Start of the window, in ms"
            },
            "span": {
              "type": "number",
              "description": "Length of a slot, in s"
            },
            "end_time": {
              "type": "integer",
              "description": "End of the window, in ms"
            }
          },
          "required": [
            "hr",
            "start_time",
            "span",
            "end_time"
          ],
          "additionalProperties": false
        },
        {
          "const": 0,
          "description": "Without any heart rate sample"
        }
      ]
    },
    "timePerHrZone": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "range_percent_hrmax": {
            "type": "array",
            "items": {
              "type": "number",
              "description": "Edges of the zone, in %"
            },
            "minItems": 2,
            "maxItems": 2
          },
          "range_bpm": {
            "type": "array",
            "items": {
              "type": "number",
              "description": "Edges of the zone, in bpm"
            },
            "minItems": 2,
            "maxItems": 2
          },
          "percentage_hrmax": {
            "type": "number",
            "description": "Share of time in the zone, in %"
          }
        },
        "required": [
          "range_percent_hrmax",
          "range_bpm",
          "percentage_hrmax"
        ],
        "additionalProperties": false
      }
    },
    "extensions": {
      "type": "object",
      "properties": {
        "pace": {
          "type": "object",
          "properties": {
            "average": {
              "type": [
                "number",
                "null"
              ],
              "description": "Time per km, per 100 m for swimming, in s"
            }
          },
          "required": [
            "average"
          ],
          "additionalProperties": false
        },
        "elevation": {
          "type": "object",
          "properties": {
            "gain": {
              "type": "number",
              "description": "Metres climbed, in m"
            },
            "loss": {
              "type": "number",
              "description": "Metres descended, in m"
            },
            "min": {
              "type": [
                "number",
                "null"
              ],
              "description": "Least altitude, in m"
            },
            "max": {
              "type": [
                "number",
                "null"
              ],
              "description": "Greatest altitude, in m"
            }
          },
          "required": [
            "gain",
            "loss",
            "min",
            "max"
          ],
          "additionalProperties": false
        },
        "power": {
          "type": "object",
          "properties": {
            "average": {
              "type": "number",
              "description": "Mean power, in W"
            },
            "max": {
              "type": "number",
              "description": "Greatest power, in W"
            },
            "normalized": {
              "type": [
                "number",
                "null"
              ],
              "description": "Normalized power, in W"
            }
          },
          "required": [
            "average",
            "max",
            "normalized"
          ],
          "additionalProperties": false
        },
        "quality": {
          "type": "object",
          "properties": {
            "gnss_samples": {
              "type": "integer",
              "description": "Gnss samples that count"
            },
            "hr_samples": {
              "type": "integer",
              "description": "Heart rate samples that count"
            },
            "duplicates": {
              "type": "integer",
              "description": "Samples left out for another of the same time"
            },
            "implausible": {
              "type": "integer",
              "description": "Samples left out as implausible, and position glitches"
            },
            "gaps": {
              "type": "integer",
              "description": "Gaps between segments"
            },
            "covered_seconds": {
              "type": "number",
              "description": "Time between samples that belong together, in s"
            },
            "truncated": {
              "type": "integer",
              "description": "Efforts beyond the 5 000 that a list holds"
            },
            "algorithm": {
              "type": "integer",
              "description": "Version of these definitions"
            }
          },
          "required": [
            "gnss_samples",
            "hr_samples",
            "duplicates",
            "implausible",
            "gaps",
            "covered_seconds",
            "truncated",
            "algorithm"
          ],
          "additionalProperties": false
        },
        "status": {
          "type": "string",
          "enum": [
            "pending",
            "computing",
            "up-to-date"
          ],
          "description": "Whether everything that was known when the question came is in the document"
        }
      },
      "required": [
        "quality",
        "status"
      ],
      "additionalProperties": false
    }
  },
  "required": [
    "first_timestamp",
    "last_timestamp",
    "last_computation",
    "total_distance",
    "max_speed",
    "average_speed",
    "time_per_speed_ranges",
    "distance_per_speed_ranges",
    "intensity",
    "hid",
    "sprint",
    "accelerations",
    "decelerations",
    "athlete_max_hr",
    "hr_max",
    "hr_min",
    "hr_avg",
    "hr_plot",
    "timePerHrZone",
    "extensions"
  ],
  "additionalProperties": false,
  "$defs": {
    "HidEfforts": {
      "id": "HidEfforts",
      "type": "object",
      "properties": {
        "threshold": {
          "type": "number",
          "description": "Speed from which a high-intensity run counts, in m/s"
        },
        "values": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "start_time": {
                "type": "integer",
                "description": "Start of the high-intensity run, in ms"
              },
              "duration": {
                "type": "number",
                "description": "Duration of the high-intensity run, in s"
              },
              "max_value": {
                "type": "number",
                "description": "Greatest speed of the high-intensity run, in m/s"
              },
              "distance": {
                "type": "number",
                "description": "Distance of the high-intensity run, in m"
              }
            },
            "required": [
              "start_time",
              "duration",
              "max_value",
              "distance"
            ],
            "additionalProperties": false
          }
        }
      },
      "required": [
        "threshold",
        "values"
      ],
      "additionalProperties": false
    },
    "SprintEfforts": {
      "id": "SprintEfforts",
      "type": "object",
      "properties": {
        "threshold": {
          "type": "number",
          "description": "Speed from which a sprint counts, in m/s"
        },
        "values": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "start_time": {
                "type": "integer",
                "description": "Start of the sprint, in ms"
              },
              "duration": {
                "type": "number",
                "description": "Duration of the sprint, in s"
              },
              "max_value": {
                "type": "number",
                "description": "Greatest speed of the sprint, in m/s"
              },
              "distance": {
                "type": "number",
                "description": "Distance of the sprint, in m"
              }
            },
            "required": [
              "start_time",
              "duration",
              "max_value",
              "distance"
            ],
            "additionalProperties": false
          }
        }
      },
      "required": [
        "threshold",
        "values"
      ],
      "additionalProperties": false
    },
    "AccelerationsEfforts": {
      "id": "AccelerationsEfforts",
      "type": "object",
      "properties": {
        "threshold": {
          "type": "number",
          "description": "Peak from which a acceleration is listed here, in m/s²"
        },
        "values": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "start_time": {
                "type": "integer",
                "description": "Start of the acceleration, in ms"
              },
              "max_value": {
                "type": "number",
                "description": "Peak of the acceleration, in m/s²"
              },
              "duration": {
                "type": "number",
                "description": "Duration of the acceleration, in s"
              },
              "distance": {
                "type": "number",
                "description": "Distance of the acceleration, in m"
              },
              "initial_speed": {
                "type": "number",
                "description": "Speed at the start of the acceleration, in m/s"
              },
              "end_speed": {
                "type": "number",
                "description": "Speed at the end of the acceleration, in m/s"
              }
            },
            "required": [
              "start_time",
              "max_value",
              "duration",
              "distance",
              "initial_speed",
              "end_speed"
            ],
            "additionalProperties": false
          }
        }
      },
      "required": [
        "threshold",
        "values"
      ],
      "additionalProperties": false
    },
    "DecelerationsEfforts": {
      "id": "DecelerationsEfforts",
      "type": "object",
      "properties": {
        "threshold": {
          "type": "number",
          "description": "Peak from which a deceleration is listed here, in m/s²"
        },
        "values": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "start_time": {
                "type": "integer",
                "description": "Start of the deceleration, in ms"
              },
              "max_value": {
                "type": "number",
                "description": "Peak of the deceleration, in m/s²"
              },
              "duration": {
                "type": "number",
                "description": "Duration of the deceleration, in s"
              },
              "distance": {
                "type": "number",
                "description": "Distance of the deceleration, in m"
              },
              "initial_speed": {
                "type": "number",
                "description": "Speed at the start of the deceleration, in m/s"
              },
              "end_speed": {
                "type": "number",
                "description": "Speed at the end of the deceleration, in m/s"
              }
            },
            "required": [
              "start_time",
              "max_value",
              "duration",
              "distance",
              "initial_speed",
              "end_speed"
            ],
            "additionalProperties": false
          }
        }
      },
      "required": [
        "threshold",
        "values"
      ],
      "additionalProperties": false
    }
  }
};
