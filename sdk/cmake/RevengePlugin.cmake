# revenge_add_plugin(): see the SDK's guide.
